package sounds

import (
	"context"
	"maps"
	"slices"
)

// Warm renders ahead of the first call, so that none waits for an engine: all
// that ships with holdless, in the voices of the engines that were configured,
// and the supervisor's own texts, by language. It returns those of them that
// cannot be said.
func (v *Voice) Warm(ctx context.Context, texts map[string][]string, tell Progress) (unsaid map[string][]string, err error) {
	langs, jobs, total := slices.Sorted(maps.Keys(v.tongues)), map[string][]job{}, 0
	for _, lang := range langs {
		jobs[lang] = v.tongues[lang].unrendered()
		total += len(jobs[lang]) + len(texts[lang])
	}
	done := 0
	for _, lang := range langs {
		err := renderAll(ctx, v.tongues[lang].engine, jobs[lang], func(n, _ int) { tell(done+n, total) })
		if err != nil {
			return nil, err
		}
		done += len(jobs[lang])
	}
	unsaid = map[string][]string{}
	for _, lang := range langs {
		for _, text := range texts[lang] {
			unsaid[lang] = append(unsaid[lang], v.Prepare(ctx, lang, []string{text})...)
			done++
			tell(done, total)
		}
	}
	return unsaid, ctx.Err()
}

// unrendered is what ships with holdless and has another voice, as long as the
// engine that was configured has not said it.
func (t *tongue) unrendered() []job {
	if t.engine == nil || t.engine.builtIn {
		return nil
	}
	var jobs []job
	for _, words := range t.lang.repertoire() {
		if !t.rendered.has(words) {
			jobs = append(jobs, job{words, t.rendered.file(words)})
		}
	}
	return jobs
}
