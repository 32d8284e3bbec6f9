// The Pod Security admission of Kubernetes as a filter: a pod in JSON on each line of its input, and on each line of its
// output the reasons for which the levels baseline and restricted refuse it. The oracle of test/conformance/pod-security.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

var version = api.MajorMinorVersion(1, 37)

type answer struct {
	Error      string   `json:"error,omitempty"`
	Baseline   []string `json:"baseline"`
	Restricted []string `json:"restricted"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), &version)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := out.Encode(judge(evaluator, lines.Bytes())); err != nil {
			return err
		}
	}
	return lines.Err()
}

func judge(evaluator policy.Evaluator, line []byte) answer {
	var pod corev1.Pod
	if err := json.Unmarshal(line, &pod); err != nil {
		return answer{Error: err.Error()}
	}
	// The API server's defaults come before its admission: a volume without a source is an emptyDir.
	for i := range pod.Spec.Volumes {
		if pod.Spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
			pod.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	return answer{
		Baseline:   refusals(evaluator, api.LevelBaseline, &pod),
		Restricted: refusals(evaluator, api.LevelRestricted, &pod),
	}
}

func refusals(evaluator policy.Evaluator, level api.Level, pod *corev1.Pod) []string {
	found := []string{}
	at := api.LevelVersion{Level: level, Version: version}
	for _, result := range evaluator.EvaluatePod(at, &pod.ObjectMeta, &pod.Spec) {
		if !result.Allowed {
			found = append(found, result.ForbiddenReason)
		}
	}
	return found
}
