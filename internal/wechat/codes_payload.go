package wechat

import (
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// payloadCodes refuse the message as it was written.
var payloadCodes = slices.Concat(
	group(fault.Payload, "the message ends as refused; when this template was accepted within the last hour, up to 2 delayed tries come first, because WeChat errs here now and then", message.Hold{},
		words{40037, "the template_id is wrong, or of another account", "template_id 有误，或属于别的账号"}),
	group(fault.Payload, "the message ends as refused; the errmsg names the field", message.Hold{},
		words{47003, "a value breaks the rule of its keyword", "某个字段的值不合该关键词的规则"}),
	group(fault.Payload, doesRefused, message.Hold{}, bodyCodes...),
	group(fault.Payload, doesRefused, message.Hold{}, mediaCodes...),
)

var bodyCodes = []words{
	{40033, "a character is not allowed, or is written as \\uXXXX", "含有不允许的字符或 \\uXXXX 转义"},
	{40035, "a parameter is wrong", "参数有误"},
	{40036, "the template_id has a wrong length", "template_id 长度不对"},
	{40038, "the request is wrongly put together; long-term subscriptions: 5 a day and user are reached", "请求格式有误；长期订阅：当日对该用户的 5 条已发完"},
	{40039, "the URL has a wrong length", "URL 长度不对"},
	{40048, "the URL is wrong", "URL 有误"},
	{40066, "the URL is wrong", "URL 有误"},
	{40097, "a parameter is wrong", "参数有误"},
	{40165, "the mini program's page is wrong or not published", "要跳转的小程序页面有误或未发布"},
	{40166, "the mini program's appid is wrong", "要跳转的小程序 appid 有误"},
	{41010, "the URL is missing", "没有填 URL"},
	{41011, "a required field is missing", "缺少必填字段"},
	{41030, "the page is wrong: it has no leading slash and must exist in the published version", "page 有误：开头不带斜杠，且须在已发布版本中存在"},
	{43102, "the template is not one for subscriptions", "该模板不是订阅类模板"},
	{44002, "the body is empty", "请求体为空"},
	{45002, "the content is too long", "内容太长"},
	{45005, "the link is too long", "链接太长"},
	{45012, "the template is larger than allowed", "模板大小超限"},
	{45013, "the template's arguments exceed a limit", "模板参数超限"},
	{45014, "the template's arguments exceed a limit", "模板参数超限"},
	{47001, "the body is no valid JSON", "请求体不是有效的 JSON"},
	{47002, "the JSON has \\uXXXX escapes", "JSON 含有 \\uXXXX 转义"},
}

// mediaCodes belong to interfaces for media; old documents list them for
// messages, too.
var mediaCodes = []words{
	{40004, "the kind of media is wrong", "媒体类型有误"},
	{40005, "the kind of file is wrong", "文件类型有误"},
	{40006, "the file has a wrong size", "文件大小不合要求"},
	{40007, "the media_id is wrong", "media_id 有误"},
	{40008, "the kind of message is wrong", "消息类型有误"},
	{40009, "the image has a wrong size", "图片大小不合要求"},
	{40010, "the voice file has a wrong size", "语音大小不合要求"},
	{40011, "the video has a wrong size", "视频大小不合要求"},
	{40012, "the thumbnail has a wrong size", "缩略图大小不合要求"},
	{41005, "the media data is missing", "没有媒体数据"},
	{41006, "the media_id is missing", "没有填 media_id"},
	{44001, "the media file is empty", "媒体文件是空的"},
	{44003, "the news message is empty", "图文内容是空的"},
	{45001, "the media file is too large", "媒体文件太大"},
	{45003, "the title is too long", "标题太长"},
	{45004, "the description is too long", "描述太长"},
	{45006, "the image's link is too long", "图片链接太长"},
	{45007, "the voice plays too long", "语音时长太长"},
	{45008, "there are too many news items", "图文条数太多"},
	{46001, "there is no such media", "查无此媒体"},
}
