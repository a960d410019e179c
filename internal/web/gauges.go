package web

import "github.com/prometheus/client_golang/prometheus"

// Gauges shows numbers, one for each value of a label, that are asked for
// whenever somebody looks. A number that is not known is left out.
func (c *Counter) Gauges(name, help, label string, ask func() map[string]float64) {
	c.reg.MustRegister(gauges{prometheus.NewDesc(name, help, []string{label}, nil), prometheus.GaugeValue, ask})
}

// Counts shows how often things happened, one number for each value of a label,
// which somebody else counts.
func (c *Counter) Counts(name, help, label string, ask func() map[string]float64) {
	c.reg.MustRegister(gauges{prometheus.NewDesc(name, help, []string{label}, nil), prometheus.CounterValue, ask})
}

// gauges implement [prometheus.Collector].
type gauges struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	ask  func() map[string]float64
}

// Describe implements [prometheus.Collector].
func (g gauges) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect implements [prometheus.Collector].
func (g gauges) Collect(to chan<- prometheus.Metric) {
	for value, n := range g.ask() {
		to <- prometheus.MustNewConstMetric(g.desc, g.kind, n, value)
	}
}
