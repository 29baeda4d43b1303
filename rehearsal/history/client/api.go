package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// access is what a kubeconfig says about the API and its user. Certificates and key are PEM.
type access struct {
	Server       string `json:"server"`
	Registration string `json:"registration"`
	Authority    string `json:"authority"`
	Certificate  string `json:"certificate"`
	Key          string `json:"key"`
}

// A request without an answer for this long counts as unanswered.
const attemptTimeout = 5 * time.Second

// connect returns a client with connections of its own.
//
// Go repeats a read by itself when a connection that it kept turns out to be closed, as every program in Go does; it
// never repeats a write. HTTP/1.1: after a failed request the next one gets another connection.
func connect(access access, keepConnections bool) (*http.Client, error) {
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM([]byte(access.Authority)) {
		return nil, errors.New("the authority is no certificate")
	}
	certificate, err := tls.X509KeyPair([]byte(access.Certificate), []byte(access.Key))
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Timeout: attemptTimeout,
		Transport: &http.Transport{
			DialContext:       (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSClientConfig:   &tls.Config{RootCAs: authorities, Certificates: []tls.Certificate{certificate}},
			TLSNextProto:      map[string]func(string, *tls.Conn) http.RoundTripper{},
			DisableKeepAlives: !keepConnections,
		},
	}, nil
}

type configMap struct {
	Metadata struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels,omitempty"`
	} `json:"metadata"`
	Data map[string]string `json:"data,omitempty"`
}

// refusal is an answer that is no success.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%d %s", r.status, r.message)
}

// call sends one request and decodes the answer.
func call(client *http.Client, method, address string, body, answer any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, address, content)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		request.Header.Set("Content-Type", "application/merge-patch+json")
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		var status struct{ Message string }
		_ = json.Unmarshal(text, &status)
		return &refusal{response.StatusCode, status.Message}
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// outcomeOf says whether a request that returned the error may have had an effect. A request whose connection was not
// made had none, and neither had one that the API refused. After a server's own error (500 and more) the write may
// still reach etcd's log.
func outcomeOf(err error) string {
	if err == nil {
		return ok
	}
	var dialing *net.OpError
	if errors.As(err, &dialing) && dialing.Op == "dial" {
		return failed
	}
	var refused *refusal
	if errors.As(err, &refused) && refused.status < 500 {
		return failed
	}
	return unknown
}

func isConflict(err error) bool {
	var refused *refusal
	return errors.As(err, &refused) && refused.status == http.StatusConflict
}

// holderOf returns the MAC address that this machine has for the API's address, or nothing behind a router.
func holderOf(server string) string {
	address, err := url.Parse(server)
	if err != nil {
		return ""
	}
	table, err := os.ReadFile("/proc/net/arp")
	if err != nil {
		return ""
	}
	for _, line := range strings.Split(string(table), "\n") {
		if fields := strings.Fields(line); len(fields) > 3 && fields[0] == address.Hostname() {
			return fields[3]
		}
	}
	return ""
}
