package number

import "testing"

// TestFull reads numbers as carriers write them.
func TestFull(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, p, like, want Phone }{
		{"in full", "+358401234567", "+358912345", "+358401234567"},
		{"without the plus", "358401234567", "+358912345", "+358401234567"},
		{"with the way abroad", "00358401234567", "+358912345", "+358401234567"},
		{"as at home", "0401234567", "+358912345", "+358401234567"},
		{"as at home, without the zero", "401234567", "+358912345", "+358401234567"},
		{"from abroad", "442079460000", "+358912345", "+442079460000"},
		{"from abroad, and a number at home with a zero before it", "4681234567", "+358912345", "+4681234567"},
		{"from abroad, with the way there", "00442079460000", "+358912345", "+442079460000"},
		{"in America", "2125550123", "+12125550100", "+12125550123"},
		{"in America, and a number of Malaysia with a plus", "6045551234", "+12125550100", "+16045551234"},
		{"where nobody dials a zero", "601234567", "+420212345678", "+420601234567"},
		{"to nobody who is known", "358401234567", "", "+358401234567"},
		{"an extension", "16100", "+358912345", "16100"},
		{"nowhere", "99999999999999", "+358912345", "99999999999999"},
		{"a name", "anna", "+358912345", "anna"},
		{"a star code", "*2123456", "+358912345", "*2123456"},
		{"nobody", "", "+358912345", ""},
	} {
		if got := Full(tt.p, tt.like); got != tt.want {
			t.Errorf("%s: %s is read as %s, want %s", tt.name, string(tt.p), string(got), string(tt.want))
		}
	}
}

// TestMeans tells our numbers by how carriers write them, also a short one.
func TestMeans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		p, ours Phone
		want    bool
	}{
		{"0912345678", "+358912345678", true},
		{"358912345678", "+358912345678", true},
		{"00358912345678", "+358912345678", true},
		{"091911", "+35891911", true},
		{"2125550100", "+12125550100", true},
		{"0912345678", "+358912345679", false},
		{"112", "+358912345678", false},
		{"*12", "+358912345678", false},
		{"0912345678", "any", false},
		{"", "any", false},
	} {
		if got := Means(tt.p, tt.ours); got != tt.want {
			t.Errorf("%s means %s: %v", string(tt.p), string(tt.ours), got)
		}
	}
}
