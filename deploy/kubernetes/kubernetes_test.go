// Package kubernetes holds manifests; its test builds them as kubectl apply -k
// does, and holds them against Kubernetes' own types. It is a module of its own,
// so that those types are no part of the programs'.
package kubernetes

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// scaledObject is KEDA's keda.sh/v1alpha1, as far as its documents name fields of
// a scaler of a Deployment.
type scaledObject struct {
	APIVersion string           `json:"apiVersion"`
	Kind       string           `json:"kind"`
	Metadata   map[string]any   `json:"metadata"`
	Spec       scaledObjectSpec `json:"spec"`
}

type scaledObjectSpec struct {
	ScaleTargetRef struct {
		APIVersion             string `json:"apiVersion,omitempty"`
		Kind                   string `json:"kind,omitempty"`
		Name                   string `json:"name"`
		EnvSourceContainerName string `json:"envSourceContainerName,omitempty"`
	} `json:"scaleTargetRef"`
	PollingInterval       *int32 `json:"pollingInterval,omitempty"`
	InitialCooldownPeriod *int32 `json:"initialCooldownPeriod,omitempty"`
	CooldownPeriod        *int32 `json:"cooldownPeriod,omitempty"`
	IdleReplicaCount      *int32 `json:"idleReplicaCount,omitempty"`
	MinReplicaCount       *int32 `json:"minReplicaCount,omitempty"`
	MaxReplicaCount       *int32 `json:"maxReplicaCount,omitempty"`
	Advanced              *struct {
		RestoreToOriginalReplicaCount bool `json:"restoreToOriginalReplicaCount,omitempty"`
		HorizontalPodAutoscalerConfig *struct {
			Name     string         `json:"name,omitempty"`
			Behavior map[string]any `json:"behavior,omitempty"`
		} `json:"horizontalPodAutoscalerConfig,omitempty"`
	} `json:"advanced,omitempty"`
	Triggers []struct {
		Type       string            `json:"type"`
		Name       string            `json:"name,omitempty"`
		MetricType string            `json:"metricType,omitempty"`
		Metadata   map[string]string `json:"metadata"`
	} `json:"triggers"`
	Fallback *struct {
		FailureThreshold int32 `json:"failureThreshold"`
		Replicas         int32 `json:"replicas"`
	} `json:"fallback,omitempty"`
}

// built is what the folder comes to.
type built struct {
	deployments map[string]*apps.Deployment
	services    map[string]*core.Service
	budgets     map[string]*policy.PodDisruptionBudget
	configs     map[string]*core.ConfigMap
	scaled      *scaledObject
}

// build runs kustomize and reads each object strictly: an unknown field, or one
// that stands twice, is a mistake.
func build(t *testing.T) built {
	t.Helper()
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), ".")
	if err != nil {
		t.Fatal(err)
	}
	b := built{map[string]*apps.Deployment{}, map[string]*core.Service{}, map[string]*policy.PodDisruptionBudget{}, map[string]*core.ConfigMap{}, nil}
	for _, object := range objects.Resources() {
		text, err := object.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		name, kind := object.GetName(), object.GetApiVersion()+" "+object.GetKind()
		if object.GetNamespace() != "wxdispatch" {
			t.Errorf("%s %s is in namespace %q", kind, name, object.GetNamespace())
		}
		switch kind {
		case "apps/v1 Deployment":
			b.deployments[name] = read[apps.Deployment](t, text)
		case "v1 Service":
			b.services[name] = read[core.Service](t, text)
		case "policy/v1 PodDisruptionBudget":
			b.budgets[name] = read[policy.PodDisruptionBudget](t, text)
		case "v1 ConfigMap":
			b.configs[name] = read[core.ConfigMap](t, text)
		case "keda.sh/v1alpha1 ScaledObject":
			b.scaled = read[scaledObject](t, text)
		default:
			t.Errorf("%s %s is checked against nothing", kind, name)
		}
	}
	return b
}

func read[T any](t *testing.T, text []byte) *T {
	t.Helper()
	var into T
	if err := yaml.UnmarshalStrict(text, &into); err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
	return &into
}

func TestTheFolderBuilds(t *testing.T) {
	b := build(t)
	for _, found := range [][]string{slices.Sorted(maps.Keys(b.deployments)), slices.Sorted(maps.Keys(b.services)), slices.Sorted(maps.Keys(b.budgets))} {
		if !slices.Equal(found, []string{"serve", "worker"}) {
			t.Errorf("found %v, want serve and worker each", found)
		}
	}
	if len(b.configs) != 1 || b.scaled == nil {
		t.Errorf("%d ConfigMaps and the ScaledObject %v", len(b.configs), b.scaled)
	}
}

func TestPods(t *testing.T) {
	b := build(t)
	commands := map[string]string{"worker": "worker run", "serve": "enqueue serve"}
	for name, d := range b.deployments {
		pod, labels := d.Spec.Template.Spec, d.Spec.Template.Labels
		if !within(d.Spec.Selector.MatchLabels, labels) {
			t.Errorf("%s: the selector %v does not pick its pods %v", name, d.Spec.Selector.MatchLabels, labels)
		}
		if budget := b.budgets[name]; budget == nil || budget.Spec.MaxUnavailable == nil || !within(budget.Spec.Selector.MatchLabels, labels) || *d.Spec.Replicas < 2 {
			t.Errorf("%s: %d replicas, and no budget that keeps one of them", name, *d.Spec.Replicas)
		}
		// shutdown_timeout of config.yaml, which the test of the repository's root holds against it.
		if grace := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second; grace <= 20*time.Second {
			t.Errorf("%s is killed after %s, while it may be sending", name, grace)
		}
		if len(pod.Containers) != 1 {
			t.Fatalf("%s has %d containers", name, len(pod.Containers))
		}
		container(t, name, commands[name], pod, pod.Containers[0], b)
	}
}

func container(t *testing.T, name, command string, pod core.PodSpec, c core.Container, b built) {
	t.Helper()
	if strings.Join(c.Command, " ") != command {
		t.Errorf("%s runs %q", name, c.Command)
	}
	if !strings.Contains(c.Image, "/wxdispatch:") {
		t.Errorf("%s runs the image %q", name, c.Image)
	}
	ports := map[string]int32{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	for _, port := range b.services[name].Spec.Ports {
		if ports[port.TargetPort.StrVal] != port.Port || !within(b.services[name].Spec.Selector, b.deployments[name].Spec.Template.Labels) {
			t.Errorf("%s: nobody listens behind the service's port %s", name, port.Name)
		}
	}
	for what, probe := range map[string]*core.Probe{"startup /healthz": c.StartupProbe, "liveness /healthz": c.LivenessProbe, "readiness /readyz": c.ReadinessProbe} {
		_, path, _ := strings.Cut(what, " ")
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path || ports[probe.HTTPGet.Port.StrVal] == 0 {
			t.Errorf("%s: the probe %s is %+v", name, what, probe)
		}
	}
	if s := c.SecurityContext; s == nil || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || !*pod.SecurityContext.RunAsNonRoot {
		t.Errorf("%s may do more than it needs: %+v", name, s)
	}
	for _, e := range c.Env {
		if e.ValueFrom != nil {
			t.Errorf("%s has a secret in its environment, where every child and dump has it: %s", name, e.Name)
		}
	}
	from := map[string]string{}
	for _, v := range pod.Volumes {
		if v.ConfigMap != nil {
			if _, known := b.configs[v.ConfigMap.Name]; !known {
				t.Errorf("%s mounts the ConfigMap %s, which nobody makes", name, v.ConfigMap.Name)
			}
		}
		if v.Secret != nil {
			from[v.Name] = v.Secret.SecretName
		}
	}
	if !slices.ContainsFunc(c.VolumeMounts, func(m core.VolumeMount) bool {
		return from[m.Name] == "wxdispatch" && m.MountPath == "/run/secrets/wxdispatch" && m.ReadOnly
	}) {
		t.Errorf("%s has no secrets as files: %+v", name, c.VolumeMounts)
	}
}

func TestTheScalerLooksAtTheBacklog(t *testing.T) {
	b := build(t)
	s := b.scaled.Spec
	if _, known := b.deployments[s.ScaleTargetRef.Name]; !known || *s.MinReplicaCount < 1 || *s.MaxReplicaCount <= *s.MinReplicaCount {
		t.Errorf("it scales %+v from %d to %d", s.ScaleTargetRef, *s.MinReplicaCount, *s.MaxReplicaCount)
	}
	if len(s.Triggers) != 1 || s.Triggers[0].Type != "prometheus" {
		t.Fatalf("triggers %+v", s.Triggers)
	}
	for _, need := range []string{"serverAddress", "query", "threshold"} { // what KEDA's prometheus scaler requires
		if s.Triggers[0].Metadata[need] == "" {
			t.Errorf("the trigger has no %s", need)
		}
	}
	if query := s.Triggers[0].Metadata["query"]; !strings.Contains(query, `wxdispatch_queue_messages{state="pending"}`) {
		t.Errorf("it looks at %s", query)
	}
}

func TestAMistakeIsFound(t *testing.T) {
	var d apps.Deployment
	text := bytes.Replace([]byte("spec: {replicas: 1}"), []byte("replicas"), []byte("replica"), 1)
	if yaml.UnmarshalStrict(text, &d) == nil {
		t.Error("an unknown field is read over")
	}
}

// within tells whether all of part stands in whole.
func within(part, whole map[string]string) bool {
	for name, value := range part {
		if whole[name] != value {
			return false
		}
	}
	return len(part) > 0
}
