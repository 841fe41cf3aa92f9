// A producer over Node's own http2, as the JavaScript SDK's request handler uses it: a session for each request, or one
// session with many streams. Reads it all back, and prints what it saw.
//
//   node http2.js ENDPOINT (sessions|streams) REQUESTS BYTES-OF-A-RECORD [CA-FILE]

"use strict";
const fs = require("node:fs");
const http2 = require("node:http2");

const [endpoint, mode, requests, size, authority] = process.argv.slice(2);
const options = authority ? { ca: fs.readFileSync(authority) } : {};
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0";
const stream = `node-${mode}`;
const report = { sessions: 0, calls: 0, accepted: 0, throttled: 0, read: 0, largest: 0, statuses: {} };

function connect() {
  report.sessions += 1;
  return http2.connect(endpoint, options);
}

function send(session, operation, input) {
  return new Promise((resolve, reject) => {
    const body = Buffer.from(JSON.stringify(input));
    const request = session.request({
      ":method": "POST", ":path": "/", "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `Kinesis_20131202.${operation}`, "x-amz-date": "20260101T000000Z",
      authorization: AUTHORIZATION, "content-length": body.length,
    });
    let status = 0;
    const parts = [];
    request.on("response", (headers) => (status = headers[":status"]));
    request.on("data", (part) => parts.push(part));
    request.on("error", reject);
    request.on("end", () => {
      report.calls += 1;
      report.statuses[status] = (report.statuses[status] ?? 0) + 1;
      const text = Buffer.concat(parts);
      report.largest = Math.max(report.largest, text.length);
      resolve(text.length ? JSON.parse(text) : {});
    });
    request.end(body);
  });
}

async function call(operation, input, shared) {
  const session = shared ?? connect();
  try {
    return await send(session, operation, input);
  } finally {
    if (!shared) session.close();
  }
}

async function put(number, shared) {
  const data = Buffer.alloc(Number(size), 65 + (number % 26)).toString("base64");
  const records = Array.from({ length: 500 }, (_, index) => ({ Data: data, PartitionKey: `${number}-${index}` }));
  const answer = await call("PutRecords", { StreamName: stream, Records: records }, shared);
  if (!answer.Records) throw new Error(`no records in ${JSON.stringify(answer)}`);
  const codes = answer.Records.map((record) => record.ErrorCode);
  report.accepted += codes.filter((code) => code === undefined).length;
  report.throttled += codes.filter((code) => code === "ProvisionedThroughputExceededException").length;
}

async function readBack(shared) {
  let { ShardIterator } = await call(
    "GetShardIterator",
    { StreamName: stream, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" }, shared);
  while (true) {
    const page = await call("GetRecords", { ShardIterator }, shared);
    if (page.Records.length === 0) return;
    report.read += page.Records.length;
    ShardIterator = page.NextShardIterator;
  }
}

async function main() {
  const shared = mode === "streams" ? connect() : undefined;
  await call("CreateStream", { StreamName: stream, ShardCount: 1 }, shared);
  const numbers = Array.from({ length: Number(requests) }, (_, number) => number);
  if (shared) {
    await Promise.all(numbers.map((number) => put(number, shared)));
  } else {
    for (const number of numbers) await put(number);
  }
  await readBack(shared);
  shared?.close();
  process.stdout.write(JSON.stringify(report) + "\n");
}

main().catch((failure) => {
  process.stderr.write(`${failure.stack}\n`);
  process.exit(1);
});
