// Writes to a stream with the AWS SDK for Go v2, retries what was throttled, and reads all of it back.
//
// usage: lifecycle ENDPOINT STREAM RECORDS
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	endpoint, stream := os.Args[1], os.Args[2]
	count, err := strconv.Atoi(os.Args[3])
	must(err)
	ctx := context.Background()
	client := kinesis.New(kinesis.Options{
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("test", "test", ""),
		EndpointResolver: kinesis.EndpointResolverFromURL(endpoint),
	})
	_, err = client.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: &stream, ShardCount: aws.Int32(2)})
	must(err)
	waiter := kinesis.NewStreamExistsWaiter(client, func(o *kinesis.StreamExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
	})
	must(waiter.Wait(ctx, &kinesis.DescribeStreamInput{StreamName: &stream}, time.Minute))

	var pending []types.PutRecordsRequestEntry
	for i := 0; i < count; i++ {
		key := fmt.Sprintf("key-%d", i%7)
		pending = append(pending, types.PutRecordsRequestEntry{Data: []byte(fmt.Sprintf("record-%d", i)), PartitionKey: &key})
	}
	throttled := 0
	for len(pending) > 0 {
		batch := pending
		if len(batch) > 500 {
			batch = batch[:500]
		}
		answer, err := client.PutRecords(ctx, &kinesis.PutRecordsInput{StreamName: &stream, Records: batch})
		must(err)
		var failed []types.PutRecordsRequestEntry
		for i, result := range answer.Records {
			if result.ErrorCode != nil {
				failed = append(failed, batch[i])
			}
		}
		if len(failed) != int(*answer.FailedRecordCount) {
			must(fmt.Errorf("%d failed, FailedRecordCount %d", len(failed), *answer.FailedRecordCount))
		}
		throttled += len(failed)
		pending = append(failed, pending[len(batch):]...)
		if len(failed) > 0 {
			time.Sleep(100 * time.Millisecond)
		}
	}

	seen := map[string]int{}
	shards, err := client.ListShards(ctx, &kinesis.ListShardsInput{StreamName: &stream})
	must(err)
	for _, shard := range shards.Shards {
		first, err := client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: &stream, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
		must(err)
		iterator := first.ShardIterator
		for iterator != nil {
			page, err := client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
			must(err)
			for _, record := range page.Records {
				seen[string(record.Data)]++
			}
			iterator = page.NextShardIterator
			if len(page.Records) == 0 && *page.MillisBehindLatest == 0 {
				break
			}
		}
	}
	duplicates := 0
	for _, times := range seen {
		duplicates += times - 1
	}
	_, err = client.DeleteStream(ctx, &kinesis.DeleteStreamInput{StreamName: &stream})
	must(err)
	fmt.Printf("{\"read\": %d, \"duplicates\": %d, \"throttled\": %d, \"shards\": %d}\n",
		len(seen), duplicates, throttled, len(shards.Shards))
}
