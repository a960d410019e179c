package grammar

import (
	"fmt"
	"strconv"
	"strings"
)

// Self writes a key as it is printed on the telephone.
func Self(key string) string { return key }

// Figures writes a count.
func Figures(n int) []string { return []string{strconv.Itoa(n)} }

// Spaced writes a telephone number in groups.
func Spaced(phone string) []string { return []string{strings.Join(Groups(phone), " ")} }

// TwoFigures writes a minute.
func TwoFigures(n int) string { return fmt.Sprintf("%02d", n) }

// TimeFigures writes a time of day without a word beside it.
func TimeFigures(hour, minute int) []string {
	return []string{strconv.Itoa(hour) + ":" + TwoFigures(minute)}
}

// Atoi reads the figure on a key; what is not a figure is 0.
func Atoi(key string) int {
	n, err := strconv.Atoi(key)
	if err != nil || n < 0 || n > 99 {
		return 0
	}
	return n
}

// Rest says the smaller part of a number after the greater one, unless it is
// nothing.
func Rest(head []string, n int, say func(int) []string) []string {
	if n == 0 {
		return head
	}
	return append(head, say(n)...)
}

// DayMonth writes a date in figures, with what stands between them and after.
func DayMonth(between, after string) func(Day) string {
	return func(d Day) string { return strconv.Itoa(d.Date) + between + strconv.Itoa(int(d.Month)) + after }
}
