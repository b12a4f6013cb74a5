package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scraper reads what a program tells Prometheus.
type scraper struct{ client *http.Client }

func newScraper() scraper { return scraper{&http.Client{Timeout: 5 * time.Second}} }

// read adds every series up by its name, and by name and state where it has one,
// as name/state.
func (s scraper) read(ctx context.Context, base string) (map[string]float64, error) {
	call, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Do(call)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s/metrics answers %s", base, answer.Status)
	}
	return sums(answer.Body)
}

func sums(text io.Reader) (map[string]float64, error) {
	found := map[string]float64{}
	samples := expfmt.SampleDecoder{Dec: expfmt.NewDecoder(text, expfmt.NewFormat(expfmt.TypeTextPlain)), Opts: &expfmt.DecodeOptions{}}
	for {
		var some model.Vector
		err := samples.Decode(&some)
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		for _, one := range some {
			name := string(one.Metric[model.MetricNameLabel])
			found[name] += float64(one.Value)
			if state := one.Metric["state"]; state != "" {
				found[name+"/"+string(state)] += float64(one.Value)
			}
		}
	}
}
