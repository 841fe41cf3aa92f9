// A producer over Go's standard client, which takes HTTP/2 by ALPN. Sends requests from several goroutines, reads all back,
// and prints what it saw.
//
//	http2 ENDPOINT CA-FILE REQUESTS
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
)

const authorization = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"

type report struct {
	Calls     int            `json:"calls"`
	Accepted  int            `json:"accepted"`
	Throttled int            `json:"throttled"`
	Read      int            `json:"read"`
	Largest   int            `json:"largest"`
	Versions  map[string]int `json:"versions"`
}

var (
	client *http.Client
	lock   sync.Mutex
	seen   = report{Versions: map[string]int{}}
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func call(operation string, input any, output any) {
	body, err := json.Marshal(input)
	check(err)
	request, err := http.NewRequest("POST", os.Args[1]+"/", bytes.NewReader(body))
	check(err)
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Authorization", authorization)
	answer, err := client.Do(request)
	check(err)
	text, err := io.ReadAll(answer.Body)
	check(err)
	answer.Body.Close()
	if answer.StatusCode != 200 {
		check(fmt.Errorf("%s: %d %s", operation, answer.StatusCode, text))
	}
	if output != nil {
		check(json.Unmarshal(text, output))
	}
	lock.Lock()
	defer lock.Unlock()
	seen.Calls++
	seen.Versions[answer.Proto]++
	if len(text) > seen.Largest {
		seen.Largest = len(text)
	}
}

type entry struct {
	ErrorCode string
}

func put(number int) {
	type record struct{ Data, PartitionKey string }
	data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte('a' + number%26)}, 10*1024))
	records := make([]record, 500)
	for index := range records {
		records[index] = record{data, fmt.Sprintf("%d-%d", number, index)}
	}
	var answer struct{ Records []entry }
	call("PutRecords", map[string]any{"StreamName": "go", "Records": records}, &answer)
	lock.Lock()
	defer lock.Unlock()
	for _, one := range answer.Records {
		switch one.ErrorCode {
		case "":
			seen.Accepted++
		case "ProvisionedThroughputExceededException":
			seen.Throttled++
		}
	}
}

func main() {
	pem, err := os.ReadFile(os.Args[2])
	check(err)
	requests, err := strconv.Atoi(os.Args[3])
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true,
	}}
	call("CreateStream", map[string]any{"StreamName": "go", "ShardCount": 1}, nil)
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func(first int) {
			defer group.Done()
			for number := first; number < requests; number += 8 {
				put(number)
			}
		}(worker)
	}
	group.Wait()
	var iterator struct{ ShardIterator string }
	call("GetShardIterator", map[string]any{
		"StreamName": "go", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON",
	}, &iterator)
	next := iterator.ShardIterator
	for {
		var page struct {
			Records           []struct{ PartitionKey string }
			NextShardIterator string
		}
		call("GetRecords", map[string]any{"ShardIterator": next}, &page)
		if len(page.Records) == 0 {
			break
		}
		seen.Read += len(page.Records)
		next = page.NextShardIterator
	}
	check(json.NewEncoder(os.Stdout).Encode(seen))
}
