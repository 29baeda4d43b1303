package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// settings is a store with the keys of config.yaml. Sources of the rules: k3s-io/k3s, pkg/etcd/s3/s3.go.
type settings struct {
	Endpoint      string `json:"etcd-s3-endpoint"`
	EndpointCA    string `json:"etcd-s3-endpoint-ca"`
	SkipSSLVerify bool   `json:"etcd-s3-skip-ssl-verify"`
	Insecure      bool   `json:"etcd-s3-insecure"`
	Region        string `json:"etcd-s3-region"`
	Bucket        string `json:"etcd-s3-bucket"`
	BucketLookup  string `json:"etcd-s3-bucket-lookup-type"`
	AccessKey     string `json:"etcd-s3-access-key"`
	SecretKey     string `json:"etcd-s3-secret-key"`
	SessionToken  string `json:"etcd-s3-session-token"`
	Timeout       string `json:"etcd-s3-timeout"`
}

// object is one line of `list`.
type object struct {
	Key      string    `json:"key"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// connect refuses an endpoint with a scheme, as minio-go does: it has to be a bare host.
func connect(settings settings) (*minio.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	if settings.SkipSSLVerify {
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	} else if settings.EndpointCA != "" {
		authorities, err := loadAuthorities(settings.EndpointCA)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: authorities}
	}
	return minio.New(settings.Endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(settings.AccessKey, settings.SecretKey, settings.SessionToken),
		Secure:       !settings.Insecure,
		Region:       settings.Region,
		Transport:    transport,
		BucketLookup: bucketLookup(settings.BucketLookup),
	})
}

// loadAuthorities reads a base64 text of PEM, or a file, or several of both between spaces.
func loadAuthorities(list string) (*x509.CertPool, error) {
	pool, loaded := x509.NewCertPool(), false
	for _, entry := range strings.Split(list, " ") {
		content, err := base64.StdEncoding.DecodeString(entry)
		if err != nil {
			content, err = os.ReadFile(entry)
		}
		if err != nil {
			return nil, err
		}
		loaded = pool.AppendCertsFromPEM(content) || loaded
	}
	if !loaded {
		return nil, errors.New("no certificates loaded from etcd-s3-endpoint-ca")
	}
	return pool, nil
}

func bucketLookup(kind string) minio.BucketLookupType {
	switch strings.ToLower(kind) {
	case "dns":
		return minio.BucketLookupDNS
	case "path":
		return minio.BucketLookupPath
	}
	return minio.BucketLookupAuto
}

func act(settings settings, arguments []string) error {
	timeout, err := time.ParseDuration(settings.Timeout)
	if err != nil {
		return fmt.Errorf("etcd-s3-timeout: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	client, err := connect(settings)
	if err != nil {
		return err
	}
	bucket := settings.Bucket
	switch {
	case len(arguments) == 1 && arguments[0] == "check":
		exists, err := client.BucketExists(ctx, bucket)
		if err != nil {
			return fmt.Errorf("failed to test for existence of bucket %s: %w", bucket, err)
		}
		if !exists {
			return fmt.Errorf("bucket %s does not exist", bucket)
		}
		return nil
	case len(arguments) == 3 && arguments[0] == "put":
		options := minio.PutObjectOptions{NumThreads: 2, ContentType: "application/octet-stream"}
		_, err := client.FPutObject(ctx, bucket, arguments[2], arguments[1], options)
		return err
	case len(arguments) == 3 && arguments[0] == "get":
		return client.FGetObject(ctx, bucket, arguments[1], arguments[2], minio.GetObjectOptions{})
	case len(arguments) == 2 && arguments[0] == "list":
		return list(ctx, client, bucket, arguments[1])
	case len(arguments) == 2 && arguments[0] == "remove":
		return client.RemoveObject(ctx, bucket, arguments[1], minio.RemoveObjectOptions{})
	}
	return errUsage
}

func list(ctx context.Context, client *minio.Client, bucket, prefix string) error {
	lines := json.NewEncoder(os.Stdout)
	options := minio.ListObjectsOptions{Prefix: prefix, Recursive: true}
	for found := range client.ListObjects(ctx, bucket, options) {
		if found.Err != nil {
			return found.Err
		}
		if err := lines.Encode(object{found.Key, found.Size, found.LastModified}); err != nil {
			return err
		}
	}
	return nil
}
