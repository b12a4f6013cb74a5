package lint

import (
	"strings"
	"testing"
)

func TestFilesAreReadAsTheyAreWritten(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"a.json", `{"title":"取餐提醒","keywords":["取餐时间",{"name":"取餐码","example":"A12"}]}`, "a.json #1|取餐提醒|取餐时间=,取餐码=A12"},
		{"a.json", `[{"title":"取餐提醒"},{"content":"时间{{time1.DATA}}"}]`, "a.json #1|取餐提醒|;a.json #2||时间="},
		{"a.ndjson", "{\"title\":\"取餐提醒\"}\n{\"title\":\"还款提醒\"}\n", "a.ndjson #1|取餐提醒|;a.ndjson #2|还款提醒|"},
		{"a.json", `{"errcode":0,"list":[{"template_id":"T1","title":"购买成功通知","content":"购买地点{{keyword1.DATA}}\n","example":"购买地点TIT造舰厂\n"}]}`, "T1|购买成功通知|购买地点=TIT造舰厂"},
		{"a.json", `{"data":[{"priTmplId":"P1","title":"取餐提醒","content":"取餐码:{{thing1.DATA}}\n","example":"取餐码:A12\n"}]}`, "P1|取餐提醒|取餐码=A12"},
		{"A.CSV", "title,content,keyword1,example1,keyword2,example2\n取餐提醒,,取餐时间,15:01,取餐码,A12\n", "A.CSV line 2|取餐提醒|取餐时间=15:01,取餐码=A12"},
		{"a.csv", "\xef\xbb\xbftitle,keyword\n取餐提醒\n", "a.csv line 2|取餐提醒|"},
	}
	for _, tt := range tests {
		subjects, err := Read(tt.name, []byte(tt.data))
		if err != nil {
			t.Errorf("%s: %v", tt.data, err)
			continue
		}
		var got []string
		for _, s := range subjects {
			var words []string
			for _, k := range s.Keywords {
				words = append(words, k.Name+"="+k.Example)
			}
			got = append(got, s.Place+"|"+s.Title+"|"+strings.Join(words, ","))
		}
		if text := strings.Join(got, ";"); text != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.data, text, tt.want)
		}
	}
}

func TestAFileThatIsNoneSaysWhereAndWhy(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"a.json", `{"title":"x"`, "a.json: is no JSON"}, {"a.json", ``, "holds no template"}, {"a.json", `{"name":"x"}`, "neither title nor keywords"},
		{"a.json", `{"title":5}`, "title is a number"}, {"a.json", `[{}]`, "number 1 of the array has neither"}, {"a.csv", "", "has no header"},
		{"a.csv", "titel\nx\n", `column "titel" is not known`}, {"a.csv", "title\nx,y\n", "line 2: has 2 columns"},
	}
	for _, tt := range tests {
		if _, err := Read(tt.name, []byte(tt.data)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %q in it", tt.data, err, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a.json", `{"title":"取餐提醒","keywords":["取餐时间",{"name":"取餐码","example":"A12"}],"content":"{{a}}"}`)
	f.Add("a.csv", "title,content,keyword1,example1\n取餐提醒,{{thing1.DATA}},取餐时间,15:01\n")
	f.Fuzz(func(t *testing.T, name, data string) {
		subjects, err := Read(name, []byte(data))
		if err == nil && len(subjects) == 0 {
			t.Fatal("neither a template nor a word why not")
		}
		for _, finding := range Check(subjects) {
			if finding.Rule == "" || finding.Why == "" || finding.Pass == "" {
				t.Fatalf("a finding leaves something out: %+v", finding)
			}
		}
	})
}
