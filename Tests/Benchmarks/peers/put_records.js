// PutRecords by k6. Environment: ENDPOINT; BODY: a file to send as it is, unsigned and with the answer thrown away;
// without it every request has RECORDS fresh records of BYTES bytes, a version 4 signature, and an answer that is read.
import crypto from 'k6/crypto';
import encoding from 'k6/encoding';
import http from 'k6/http';
import { check } from 'k6';

const isStatic = Boolean(__ENV.BODY);
const body = isStatic ? open(__ENV.BODY) : '';
const records = Number(__ENV.RECORDS);
const size = Number(__ENV.BYTES);
const target = 'Kinesis_20131202.PutRecords';
const type = 'application/x-amz-json-1.1';
const host = __ENV.ENDPOINT.replace('http://', '');

export const options = { discardResponseBodies: isStatic, summaryTrendStats: ['avg'] };

function freshBody() {
  const entries = [];
  for (let i = 0; i < records; i++) {
    entries.push({
      Data: encoding.b64encode(crypto.randomBytes(size)),
      PartitionKey: String(Math.floor(Math.random() * 1e12)).padStart(12, '0'),
    });
  }
  return JSON.stringify({ StreamName: 'bench', Records: entries });
}

function signed(payload) {
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/us-east-1/kinesis/aws4_request`;
  const names = 'content-type;host;x-amz-date;x-amz-target';
  const canonical = [
    'POST', '/', '', `content-type:${type}`, `host:${host}`, `x-amz-date:${time}`, `x-amz-target:${target}`, '', names,
    crypto.sha256(payload, 'hex'),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, crypto.sha256(canonical, 'hex')].join('\n');
  let key = crypto.hmac('sha256', 'AWS4test', day, 'binary');
  for (const part of ['us-east-1', 'kinesis', 'aws4_request']) key = crypto.hmac('sha256', key, part, 'binary');
  return {
    'Content-Type': type,
    'X-Amz-Target': target,
    'X-Amz-Date': time,
    Authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=${names}, `
      + `Signature=${crypto.hmac('sha256', key, text, 'hex')}`,
  };
}

export default function () {
  if (isStatic) {
    http.post(__ENV.ENDPOINT, body, { headers: { 'Content-Type': type, 'X-Amz-Target': target } });
    return;
  }
  const payload = freshBody();
  const answer = http.post(__ENV.ENDPOINT, payload, { headers: signed(payload) }).json();
  check(answer, {
    accepted: (a) => a.FailedRecordCount === 0 && a.Records.length === records
      && a.Records.every((entry) => entry.ShardId && entry.SequenceNumber),
  });
}
