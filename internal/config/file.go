package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ConfigFile is the file that is read when none is named.
const ConfigFile = "config.yaml"

// findFile returns the file to read, or "" when none is named and there is no
// config.yaml.
func findFile(opts Options) string {
	named := opts.File
	if named == "" {
		named = lookup(opts.Env, fileVariable)
	}
	if named != "" {
		return inDir(opts.Dir, named)
	}
	path := inDir(opts.Dir, ConfigFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return path
}

func inDir(dir, path string) string {
	if dir == "" || path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// parseYAML returns the document's node, or nil for an empty document.
func parseYAML(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, quoteless(err)
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, fmt.Errorf("line %d: a second document starts; a configuration is one", second.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	return document.Content[0], nil
}

// quoteless takes the word out of the one error of YAML's that quotes what was
// written: a password that starts with * reads as the name of an anchor.
func quoteless(err error) error {
	if strings.Contains(err.Error(), "anchor") {
		return errors.New("*name stands for something that &name does not mark before it; put a text that starts with * in quotes")
	}
	return err
}
