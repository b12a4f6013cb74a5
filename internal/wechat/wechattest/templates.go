package wechattest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
)

// mostTemplates is how many an account may have of one sort.
const mostTemplates = 25

// shelf is what an account has of templates.
type shelf struct {
	own  []template.Template // as lists tell them; those of the examples at first
	only map[string]bool     // when set, no other id is good in a send
	gone map[string]bool     // deleted: not good in a send
}

func newShelf(t message.AccountType) shelf {
	own := slices.DeleteFunc(exampleTemplates(), func(tmpl template.Template) bool { return !slices.Contains(sortsOf(t), tmpl.Sort) })
	if t != message.MiniProgram {
		own = append(own, parcelTemplate())
	}
	if t != message.Official {
		own = append(own, mealTemplate())
	}
	return shelf{own: own, gone: map[string]bool{}}
}

// oneTime is WeChat's type of a subscription template whose consents are
// counted.
const oneTime = 2

// parcelTemplate is that of examples/bizsend.json.
func parcelTemplate() template.Template {
	return template.Template{ID: "Tb6yHn2UjM8iK4oLp0QaZ7wSx1EdC5rFv3GtB9yNhU6", Sort: template.OfConsents, Type: oneTime, Title: "包裹到柜通知",
		Content: "包裹状态:{{thing1.DATA}}\n取件码:{{character_string2.DATA}}\n到柜时间:{{time3.DATA}}\n",
		Example: "包裹状态:您的包裹已到自提柜\n取件码:8-1-0042\n到柜时间:2026年11月22日 18:00\n"}
}

// mealTemplate is that of examples/subscribe.json.
func mealTemplate() template.Template {
	return template.Template{ID: "Zp7wLm3XcR9tYv1KsJ5dQbN8hGf2eUo0iA6xTq4rWy8", Sort: template.OfConsents, Type: oneTime, Title: "取餐提醒",
		Content: "订单编号:{{character_string1.DATA}}\n餐品名称:{{thing2.DATA}}\n取餐时间:{{time3.DATA}}\n订单金额:{{amount4.DATA}}\n",
		Example: "订单编号:20261122-0042\n餐品名称:现磨咖啡两杯\n取餐时间:2026年11月22日 12:30\n订单金额:¥56.00\n"}
}

// exampleTemplates are the other templates that the files of examples fill.
func exampleTemplates() []template.Template {
	return []template.Template{
		{ID: "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY", Sort: template.OfSends, Title: "信用卡消费提醒",
			Content: "{{User.DATA}}\n交易时间:{{Date.DATA}}\n卡号:{{CardNumber.DATA}}\n交易类型:{{Type.DATA}}\n交易金额:{{Money.DATA}}\n截止时间:{{DeadTime.DATA}}\n可用额度:{{Left.DATA}}",
			Example: "黄先生\n交易时间:06月07日 19时24分\n卡号:0426\n交易类型:消费\n交易金额:人民币260.00元\n截止时间:06月07日19时24分\n可用额度:6504.09"},
		{ID: "Kx2vQ8mTn0bLr5YdJ7cWfH3sPz9aEoUi6GtXqB1wRk4", Sort: template.OfSends, Title: "购买成功通知",
			Content: "{{first.DATA}}\n商品:{{keyword1.DATA}}\n价格:{{keyword2.DATA}}\n{{remark.DATA}}", Example: "您已购买成功\n商品:咖啡\n价格:¥56.00\n感谢惠顾"},
		{ID: "wDYzYZVxobJivW9oMpSCpuvACOfJXQIoKUm0PY397Tc", Sort: template.OfForms, Title: "酒店预订成功通知",
			Content: "预订单号{{keyword1.DATA}}\n入住时间{{keyword2.DATA}}\n酒店名称{{keyword3.DATA}}\n酒店地址{{keyword4.DATA}}\n", Example: "预订单号339208499\n入住时间2015年01月05日 12:30\n酒店名称粤海喜来登酒店\n酒店地址广州市天河区天河路208号\n"},
		{ID: "hR4nVd8pQ1yLs6TzKc0WbJ9mXe3fGu7oAi5xPq2tDk8", Sort: template.OfForms, Title: "购买成功通知",
			Content: "购买地点{{keyword1.DATA}}\n购买时间{{keyword2.DATA}}\n物品名称{{keyword3.DATA}}\n", Example: "购买地点TIT造舰厂\n购买时间2026年11月22日\n物品名称咖啡\n"},
	}
}

// good tells whether a send may use a template.
func (s *shelf) good(id string) bool {
	return !s.gone[id] && (len(s.only) == 0 || s.only[id])
}

// SetTemplates names the only template ids that the account has; any other
// answers 40037. Of those that it did not have nothing but the id is known.
// Without ids every well-formed one is good again.
func (s *Sim) SetTemplates(appid string, ids ...string) {
	s.with(appid, func(a *account) {
		a.book.shelf = newShelf(a.app.Type)
		if len(ids) == 0 {
			return
		}
		known := a.book.shelf.own
		a.book.shelf.only, a.book.shelf.own = map[string]bool{}, nil
		for _, id := range ids {
			a.book.shelf.only[id] = true
			if i := slices.IndexFunc(known, func(t template.Template) bool { return t.ID == id }); i >= 0 {
				a.book.shelf.own = append(a.book.shelf.own, known[i])
				continue
			}
			for _, sort := range sortsOf(a.app.Type) {
				a.book.shelf.own = append(a.book.shelf.own, template.Template{ID: id, Sort: sort, Title: "模板通知"})
			}
		}
	})
}

// sortsOf are the lists of a type of account; without one it has all.
func sortsOf(t message.AccountType) []template.Sort {
	if t == "" {
		return []template.Sort{template.OfSends, template.OfForms, template.OfConsents}
	}
	return template.SortsOf(t)
}

// PutTemplate gives the account a template, or another text to one that it has.
func (s *Sim) PutTemplate(appid string, t template.Template) {
	s.with(appid, func(a *account) { a.book.shelf.put(t) })
}

func (s *shelf) put(t template.Template) {
	s.own = append(slices.DeleteFunc(s.own, func(old template.Template) bool { return old.ID == t.ID && old.Sort == t.Sort }), t)
	delete(s.gone, t.ID)
	if len(s.only) > 0 {
		s.only[t.ID] = true
	}
}

// of returns the templates of one sort.
func (s *shelf) of(sort template.Sort) []template.Template {
	list := []template.Template{}
	for _, t := range s.own {
		if t.Sort == sort {
			list = append(list, t)
		}
	}
	return list
}

// remove takes a template away; 40037 where there is none.
func (s *shelf) remove(sort template.Sort, id string) int {
	i := slices.IndexFunc(s.own, func(t template.Template) bool { return t.ID == id && t.Sort == sort })
	if i < 0 {
		return 40037
	}
	s.own = slices.Delete(s.own, i, i+1)
	s.gone[id] = true
	return 0
}

// addTemplate serves POST /cgi-bin/wxopen/template/add.
func (s *Sim) addTemplate(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID       string `json:"id"`
		Keywords []int  `json:"keyword_id_list"`
	}
	acc, code := s.ask(r, &in)
	t, known := s.titled(in.ID)
	if code == 0 && !known {
		code = 40037
	}
	made, wrong := t.make(in.Keywords)
	if code == 0 && wrong {
		code = 45100
	}
	if code == 0 {
		acc.mu.Lock()
		if shelf := &acc.book.shelf; len(shelf.of(template.OfForms)) >= mostTemplates {
			code = 45026
		} else {
			shelf.put(made)
		}
		acc.mu.Unlock()
	}
	s.tell(w, code, map[string]any{"template_id": made.ID})
}

// make is a title with keywords in their order; wrong: none, too many, one twice
// or one that the title does not have.
func (t title) make(ids []int) (made template.Template, wrong bool) {
	made = template.Template{ID: newTemplateID(), Sort: template.OfForms, Title: t.Title}
	for i, id := range ids {
		k := slices.IndexFunc(t.Keywords, func(k template.Keyword) bool { return k.ID == id })
		if k < 0 || slices.Index(ids, id) < i {
			return made, true
		}
		made.Content += fmt.Sprintf("%s{{keyword%d.DATA}}\n", t.Keywords[k].Name, i+1)
		made.Example += t.Keywords[k].Name + t.Keywords[k].Example + "\n"
	}
	return made, len(ids) == 0 || len(ids) > 10
}

// newTemplateID has 43 characters, as WeChat's.
func newTemplateID() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var b strings.Builder
	for range 43 {
		b.WriteByte(letters[rand.IntN(len(letters))])
	}
	return b.String()
}
