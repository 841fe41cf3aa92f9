#compdef shardmeter

_shardmeter_scenarios() {
  _alternative 'built-in:built-in scenario:(burst diurnal explicit-hash-key hot-key large-records mixed-events noisy-neighbour producer-retries quickstart ramp soak steady tenants tiny-records zipf)' 'files:file:_files'
}

_shardmeter_runs() {
  local -a whole
  whole=(results/*/summary.json(N:h))
  _alternative 'runs:result folder:compadd -a whole' "files:file:_files $*"
}

_shardmeter() {
  local -a commands
  commands=(
    'observe:run somebody else'\''s producer against the embedded target'
    'plan:check a scenario; what it would send, and to which shards'
    'size:tell how many shards a workload needs, why, and what would help'
    'compare:judge runs against others: worse, better, no change, inconclusive'
    'search:find the highest rate, or the fewest connections, that pass'
    'ab:interleaved rounds against two targets, then the verdict'
    'baseline:save runs as a baseline for later comparisons'
    'history:show the trends over finished runs'
    'report:redraw the reports of a result folder'
    'verify:read a run'\''s stream back: found, duplicated, missing, reordered'
    'target:serve the embedded endpoint'
    'init:write a scenario from a few flags'
    'schema:print the JSON Schema of scenarios, or of summary.json'
    'policy:print the least IAM policy that a command works with'
    'completion:print a completion script for bash, zsh or fish'
    'man:print a manual page, or write all of them'
    'help:explain shardmeter, or one command'
    'run:drive a scenario against a target, write a result folder'
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  case $words[2] in
    observe)
      shift words
      ((CURRENT--))
      _arguments \
        '--for=[end a service after this time by SIGTERM, which counts as success]:TIME: ' \
        '--timeout=[how long it may take, else it is ended and the run is invalid (default\: 600s)]:TIME: ' \
        '--quiet-for=[wait after its end until nothing has come for so long (default\: 1s)]:TIME: ' \
        '--all-services[set AWS_ENDPOINT_URL too, which leads S3, DynamoDB and the others here]' \
        '--gate=[thresholds that must hold, as a scenario'\''s list of them]:FILE:_files' \
        '--expect=[how many records must arrive, or a file that names them\: the SHA-256 of each one'\''s data, or its --record-id]:N|FILE:_files' \
        '--host=[the address to listen on (default\: 127.0.0.1)]:ADDRESS: ' \
        '*--allow-origin=[let web pages of this origin use it, as http\://localhost\:80]:URL: ' \
        '*--allow-host=[answer under this name of the host too, besides those of this machine]:NAME: ' \
        '*--stream=[a stream that is there from the start (default\: orders)]:NAME\[=SHARDS\]: ' \
        '--shards=[its shards, where it does not say (default\: 4)]:N: ' \
        '--shard-map=[its shards'\'' hash ranges, from the JSON that aws kinesis list-shards prints]:FILE:_files' \
        '--account=[the account in ARNs and messages (default\: 000000000000)]:DIGITS: ' \
        '--region=[the region in ARNs and signatures (default\: us-east-1)]:REGION: ' \
        '--shard-limit=[open shards the account may have (default\: 20000)]:N: ' \
        '--transition=[how long CREATING, UPDATING and DELETING take (default\: 500ms)]:TIME: ' \
        '--retain=[bytes of records kept for readers (default\: 0)]:SIZE: ' \
        '--limits=[limits of a shard\: kinesis (default), large-records, window, none, or numbers as records=500]:LIMITS:(kinesis large-records window none)' \
        '--read-limits[limit readers as shards do\: 5 calls and 2 MiB a second]' \
        '--control-limits[limit the calls of the control plane as accounts are limited]' \
        '--latency=[how long answers take\: 20ms, or the JSON of a scenario'\''s embedded.latency]:LATENCY: ' \
        '*--shard-latency=[the latency of one shard, counted from 0, as 2=50ms]:SHARD=LATENCY: ' \
        '--capacity=[serve at most N records/s, first in, first out]:N: ' \
        '*--fault=[what goes wrong\: 500\:1%, stall\:every=9, the same in every run throttle\:share=9%, or the JSON of one of a scenario'\''s embedded.faults]:FAULT: ' \
        '*--reshard=[what happens to the shards\: split\:at=20s,shard=2 or merge, count\:at=9s,shards=8, or the JSON of one of embedded.reshard]:CHANGE: ' \
        '--seed=[the seed of faults, latencies and identifiers (default\: 1)]:N: ' \
        '--clock-offset=[added to the wall clock, as 10m or -10m]:TIME: ' \
        '--allow-unsigned[serve requests without a signature]' \
        '--access-key=[verify signatures against this test key]:KEY: ' \
        '--secret-key=[the secret of --access-key]:KEY: ' \
        '--tls-cert=[speak TLS with this certificate and its chain (PEM)]:FILE:_files' \
        '--tls-key=[the key of --tls-cert (PEM)]:FILE:_files' \
        '--tls-self-signed[speak TLS with a certificate made now; the file to trust is printed on the second line]' \
        '--out=[the parent of the folder with what was seen of the producer]:DIR:_files -/' \
        '--run-dir=[that folder itself; refused when not empty]:DIR:_files -/' \
        '--record-id=[a record is the same when this field of its JSON data is, as /event/id (default\: its whole content)]:POINTER: ' \
        '--record=[write what arrives as a trace for run and size\: .csv or .ndjson]:FILE:_files' \
        '--record-distinct[leave out of it what has the content of an earlier record, as retries have]' \
        '--keys=[partition keys in results and traces\: show, hash (default) or hide]:HOW:(show hash hide)' \
        '--json[print summary.json on standard output instead of tables]' \
        '*--quiet[only failed thresholds and the verdict; twice\: only the exit code]' \
        '*-q[only failed thresholds and the verdict; twice\: only the exit code]' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        ':-- COMMAND...: '
      ;;
    plan)
      shift words
      ((CURRENT--))
      _arguments \
        '*--set=[change a field of the scenario, as client.producers=8 or phases\[ramp\].rate=9]:PATH=VALUE: ' \
        '--scale=[multiply every rate, as 3 or 0.5; time stays as it is]:FACTOR: ' \
        '--duration=[how long the whole run takes, warm-ups included\: all phases are stretched or cut by one factor]:TIME: ' \
        '--seed=[the seed of all random choices (default\: the scenario'\''s)]:N: ' \
        '--shard-map=[the stream'\''s shards, as aws kinesis list-shards prints them]:FILE:_files' \
        '--rate=[records per second, as 2000, or bytes per second, as 5MiB]:RATE: ' \
        '--record-size=[data of a record, as 400B (default\: 1KiB)]:SIZE: ' \
        '--top-key=[the heaviest key'\''s share of the records, as 20%; the others follow a zipf law (default\: all alike)]:SHARE: ' \
        '--shards=[the stream'\''s shards (default\: 4)]:N: ' \
        '--name=[the scenario'\''s name (default\: workload)]:NAME: ' \
        '*--keys=[how many keys there are, without a scenario (default\: 10000); in any case how keys are shown\: show (default, for a trace hash), hash or hide]:N|HOW:(show hash hide)' \
        '--prices=[what the region charges, as the example in scenarios/prices]:FILE:_files' \
        '--region=[the stream'\''s region (default\: us-east-1)]:REGION: ' \
        '--month=[the mean of a month over the busiest minute, as mean=30% (default\: as in the scenario)]:MEAN: ' \
        '--parts=[tell what each of so many machines would carry in the busiest second]:N: ' \
        '--answer-time=[how long an answer takes there, for the connections (default\: 20ms)]:TIME: ' \
        '--out=[write a result folder below this one\: page, plan.json, summary.json (default\: none)]:DIR:_files -/' \
        '--run-dir=[the result folder itself; refused when not empty]:DIR:_files -/' \
        '--json[print one JSON object instead of tables]' \
        '--record=[write the plan'\''s records to a new CSV file, as a trace that scenarios can replay]:FILE:_files' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::SCENARIO:_shardmeter_scenarios'
      ;;
    size)
      shift words
      ((CURRENT--))
      _arguments \
        '--throttle=[the share of attempts that may be throttled, as 0.1% (default\: the scenario'\''s)]:RATIO: ' \
        '--headroom=[what the hottest shard'\''s busiest minute leaves free of either limit, as 25% (default\: the scenario'\''s)]:RATIO: ' \
        '--max-shards=[the most shards that are considered (default\: the scenario'\''s, else 256)]:N: ' \
        '*--set=[change a field of the scenario, as client.producers=8 or phases\[ramp\].rate=9]:PATH=VALUE: ' \
        '--scale=[multiply every rate, as 3 or 0.5; time stays as it is]:FACTOR: ' \
        '--duration=[how long the whole run takes, warm-ups included\: all phases are stretched or cut by one factor]:TIME: ' \
        '--seed=[the seed of all random choices (default\: the scenario'\''s)]:N: ' \
        '--shard-map=[the stream'\''s shards, as aws kinesis list-shards prints them]:FILE:_files' \
        '--rate=[records per second, as 2000, or bytes per second, as 5MiB]:RATE: ' \
        '--record-size=[data of a record, as 400B (default\: 1KiB)]:SIZE: ' \
        '--top-key=[the heaviest key'\''s share of the records, as 20%; the others follow a zipf law (default\: all alike)]:SHARE: ' \
        '--shards=[the stream'\''s shards (default\: 4)]:N: ' \
        '--name=[the scenario'\''s name (default\: workload)]:NAME: ' \
        '*--keys=[how many keys there are, without a scenario (default\: 10000); in any case how keys are shown\: show (default, for a trace hash), hash or hide]:N|HOW:(show hash hide)' \
        '--from=[size the scenario of a result folder, instead of SCENARIO]:DIR:_shardmeter_runs -/' \
        '--stream=[the stream'\''s name in the commands that are printed (default\: the scenario'\''s)]:NAME: ' \
        '--region=[its region (default\: us-east-1)]:REGION: ' \
        '--prices=[what the region charges, as the example in scenarios/prices]:FILE:_files' \
        '--month=[the mean of a month over the busiest minute, as mean=30% (default\: as in the scenario)]:MEAN: ' \
        '--verify[also run the answer and one shard less, and set what is measured beside the model]' \
        '--target=[where --verify runs\: embedded (default), an http\:// or https\:// URL, or aws; it makes and deletes streams there]:TARGET:(embedded aws)' \
        '--profile=[the profile of the shared credentials and config files]:NAME: ' \
        '--yes[do not ask before sending to a target that is not loopback]' \
        '--out=[write a result folder below this one\: page, sizing.csv, summary.json (default\: none)]:DIR:_files -/' \
        '--run-dir=[the result folder itself; refused when not empty]:DIR:_files -/' \
        '--json[print one JSON object instead of sentences and tables]' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::SCENARIO:_shardmeter_scenarios'
      ;;
    compare)
      shift words
      ((CURRENT--))
      _arguments \
        '*--effect=[the smallest change that counts (default\: 5%; for ratios 0.5 points), as response.p99=10%]:METRIC=CHANGE: ' \
        '--tolerance=[with fewer than six runs a side, which no test judges\: worse by more fails, as 10%]:CHANGE: ' \
        '--inconclusive=[what cannot be told\: pass (default) or fail]:WHAT:(pass fail)' \
        '--allow=[machine\: compare latencies of two machines too]:WHAT:(machine)' \
        '--across=[stream.shards\: compare runs on different numbers of shards]:FIELD:(stream.shards)' \
        '--run-dir=[write page, comparison.csv, summary.json, summary.md and junit.xml there]:DIR:_files -/' \
        '--json[print summary.json on standard output instead of tables]' \
        '*--quiet[only failed thresholds and the verdict; twice\: only the exit code]' \
        '*-q[only failed thresholds and the verdict; twice\: only the exit code]' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        ':BASE:_shardmeter_runs' \
        ':NEW:_shardmeter_runs'
      ;;
    search)
      shift words
      ((CURRENT--))
      _arguments \
        '--budget=[how long all probes may take, as 5m; then the bracket so far is the answer]:TIME: ' \
        '--target=[embedded (default), an http\:// or https\:// URL, or aws]:TARGET:(embedded aws)' \
        '--stream=[the stream to write to (default\: the scenario'\''s)]:NAME: ' \
        '--stream-arn=[the stream by its ARN; aws then means the account'\''s own host]:ARN: ' \
        '--region=[the region to sign for]:REGION: ' \
        '--profile=[the profile of the shared credentials and config files]:NAME: ' \
        '--create-stream[create the stream with the scenario'\''s shards, and wait for it]' \
        '--delete-stream[delete the stream at the end]' \
        '--read-back[read the stream after the run\: found, duplicated, missing, reordered (turns records.identity on)]' \
        '--ca-file=[trust the issuers in this PEM file instead of the system'\''s]:FILE:_files' \
        '--insecure[accept any certificate; a warning in every result says so]' \
        '--no-sign[send requests without a signature]' \
        '*--set=[change a field of the scenario, as client.producers=8 or phases\[ramp\].rate=9]:PATH=VALUE: ' \
        '--scale=[multiply every rate, as 3 or 0.5; time stays as it is]:FACTOR: ' \
        '--duration=[how long the whole run takes, warm-ups included\: all phases are stretched or cut by one factor]:TIME: ' \
        '--seed=[the seed of all random choices (default\: the scenario'\''s)]:N: ' \
        '--shard-map=[the stream'\''s shards, as aws kinesis list-shards prints them]:FILE:_files' \
        '--rate=[records per second, as 2000, or bytes per second, as 5MiB]:RATE: ' \
        '--record-size=[data of a record, as 400B (default\: 1KiB)]:SIZE: ' \
        '--top-key=[the heaviest key'\''s share of the records, as 20%; the others follow a zipf law (default\: all alike)]:SHARE: ' \
        '--shards=[the stream'\''s shards (default\: 4)]:N: ' \
        '--name=[the scenario'\''s name (default\: workload)]:NAME: ' \
        '*--keys=[how many keys there are, without a scenario (default\: 10000); in any case how keys are shown\: show (default, for a trace hash), hash or hide]:N|HOW:(show hash hide)' \
        '--workers=[worker threads (default\: from the machine'\''s cores)]:N: ' \
        '--spin=[stay awake for so long before something is due, as 50us, instead of sleeping (default\: 0)]:TIME: ' \
        '--out=[the parent of the result folder (default\: results)]:DIR:_files -/' \
        '--run-dir=[the result folder itself; refused when not empty]:DIR:_files -/' \
        '--size[add to the report what other numbers of shards would have done, by the model of size]' \
        '--json[print summary.json on standard output instead of tables]' \
        '*--quiet[only failed thresholds and the verdict; twice\: only the exit code]' \
        '*-q[only failed thresholds and the verdict; twice\: only the exit code]' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '--progress=[a progress line at this interval, as 5s, or none]:EVERY:(none)' \
        '--yes[do not ask before sending]' \
        '--existing-stream[allow writing to a stream that this run did not create]' \
        '--max-records=[stop after this many records]:N: ' \
        '--max-bytes=[stop after this many bytes of data and keys, as 10000MiB]:SIZE: ' \
        '--prices=[what the region charges\: the question before sending names the cost]:FILE:_files' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::SCENARIO:_shardmeter_scenarios'
      ;;
    ab)
      shift words
      ((CURRENT--))
      _arguments \
        '--a=[where side a sends\: embedded, or an http\:// or https\:// URL]:TARGET:(embedded)' \
        '--a-options=[options of run for side a, as '\''--stream orders --create-stream'\'']:OPTIONS: ' \
        '--a-start=[start this server for each round of side a and send to it; {port} stands for its port]:COMMAND: ' \
        '--b=[where side b sends\: embedded, or an http\:// or https\:// URL]:TARGET:(embedded)' \
        '--b-options=[options of run for side b, as '\''--stream orders --create-stream'\'']:OPTIONS: ' \
        '--b-start=[start this server for each round of side b and send to it; {port} stands for its port]:COMMAND: ' \
        '--rounds=[pairs of rounds (default\: 8; a test takes at least 6)]:N: ' \
        '--cooldown=[rest before each round (default\: 2s)]:TIME: ' \
        '--budget=[how long all rounds may take, as 5m; fewer pairs are made where more do not fit]:TIME: ' \
        '*--effect=[the smallest change that counts (default\: 5%; for ratios 0.5 points), as response.p99=10%]:METRIC=CHANGE: ' \
        '--tolerance=[with fewer than six runs a side, which no test judges\: worse by more fails, as 10%]:CHANGE: ' \
        '--inconclusive=[what cannot be told\: pass (default) or fail]:WHAT:(pass fail)' \
        '--allow=[machine\: compare latencies of two machines too]:WHAT:(machine)' \
        '--across=[stream.shards\: compare runs on different numbers of shards]:FIELD:(stream.shards)' \
        '*--set=[change a field of the scenario, as client.producers=8 or phases\[ramp\].rate=9]:PATH=VALUE: ' \
        '--scale=[multiply every rate, as 3 or 0.5; time stays as it is]:FACTOR: ' \
        '--duration=[how long the whole run takes, warm-ups included\: all phases are stretched or cut by one factor]:TIME: ' \
        '--seed=[the seed of all random choices (default\: the scenario'\''s)]:N: ' \
        '--shard-map=[the stream'\''s shards, as aws kinesis list-shards prints them]:FILE:_files' \
        '--rate=[records per second, as 2000, or bytes per second, as 5MiB]:RATE: ' \
        '--record-size=[data of a record, as 400B (default\: 1KiB)]:SIZE: ' \
        '--top-key=[the heaviest key'\''s share of the records, as 20%; the others follow a zipf law (default\: all alike)]:SHARE: ' \
        '--shards=[the stream'\''s shards (default\: 4)]:N: ' \
        '--name=[the scenario'\''s name (default\: workload)]:NAME: ' \
        '*--keys=[how many keys there are, without a scenario (default\: 10000); in any case how keys are shown\: show (default, for a trace hash), hash or hide]:N|HOW:(show hash hide)' \
        '--out=[the parent of the result folder (default\: results)]:DIR:_files -/' \
        '--run-dir=[the result folder itself; refused when not empty]:DIR:_files -/' \
        '--json[print summary.json on standard output instead of tables]' \
        '*--quiet[only failed thresholds and the verdict; twice\: only the exit code]' \
        '*-q[only failed thresholds and the verdict; twice\: only the exit code]' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::SCENARIO:_shardmeter_scenarios'
      ;;
    baseline)
      shift words
      ((CURRENT--))
      _arguments \
        '--name=[what it is called; its file is NAME.json]:NAME: ' \
        '--out=[where the file goes (default\: results/baselines)]:DIR:_files -/' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        ':save:(save)' \
        ':DIR:_shardmeter_runs -/'
      ;;
    history)
      shift words
      ((CURRENT--))
      _arguments \
        '--out=[the parent of the result folders (default\: results)]:DIR:_files -/' \
        '--page=[write the history as a page too]:FILE:_files' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::NAME: '
      ;;
    report)
      shift words
      ((CURRENT--))
      _arguments \
        '--json[print summary.json on standard output instead of tables]' \
        '*--quiet[only failed thresholds and the verdict; twice\: only the exit code]' \
        '*-q[only failed thresholds and the verdict; twice\: only the exit code]' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        ':DIR:_shardmeter_runs -/'
      ;;
    verify)
      shift words
      ((CURRENT--))
      _arguments \
        '--target=[an http\:// or https\:// URL, or aws (default\: the run'\''s)]:TARGET:(aws)' \
        '--stream=[the stream to read (default\: the run'\''s)]:NAME: ' \
        '--stream-arn=[the stream by its ARN; aws then means the account'\''s own host]:ARN: ' \
        '--region=[the region to sign for (default\: the run'\''s)]:REGION: ' \
        '--profile=[the profile of the shared credentials and config files]:NAME: ' \
        '--ca-file=[trust the issuers in this PEM file instead of the system'\''s]:FILE:_files' \
        '--insecure[accept any certificate]' \
        '--no-sign[send requests without a signature]' \
        '--keys=[how partition keys are shown\: show, hash (default) or hide]:HOW:(show hash hide)' \
        '--files=[the folder that the scenario'\''s payload files are relative to]:DIR:_files -/' \
        '--json[print verification.json on standard output instead of tables]' \
        '*--quiet[only the verdict; twice\: only the exit code]' \
        '*-q[only the verdict; twice\: only the exit code]' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        ':DIR:_shardmeter_runs -/'
      ;;
    target)
      shift words
      ((CURRENT--))
      _arguments \
        '--host=[the address to listen on (default\: 127.0.0.1)]:ADDRESS: ' \
        '--port=[the port (default\: 4567); 0 takes any free one]:PORT: ' \
        '--admin-port=[also serve the admin API on this loopback port; 0 takes any free one]:PORT: ' \
        '*--allow-origin=[let web pages of this origin use it, as http\://localhost\:80]:URL: ' \
        '*--allow-host=[answer under this name of the host too, besides those of this machine]:NAME: ' \
        '--until-input-ends[also stop when standard input ends, as it does with the program that holds it]' \
        '--from-input[take stream, shards, region, seed, signatures and behaviour from a line of JSON on standard input, as run writes it]' \
        '*--stream=[a stream that is there from the start (default\: orders)]:NAME\[=SHARDS\]: ' \
        '--shards=[its shards, where it does not say (default\: 4)]:N: ' \
        '--shard-map=[its shards'\'' hash ranges, from the JSON that aws kinesis list-shards prints]:FILE:_files' \
        '--account=[the account in ARNs and messages (default\: 000000000000)]:DIGITS: ' \
        '--region=[the region in ARNs and signatures (default\: us-east-1)]:REGION: ' \
        '--shard-limit=[open shards the account may have (default\: 20000)]:N: ' \
        '--transition=[how long CREATING, UPDATING and DELETING take (default\: 500ms)]:TIME: ' \
        '--retain=[bytes of records kept for readers (default\: 0)]:SIZE: ' \
        '--limits=[limits of a shard\: kinesis (default), large-records, window, none, or numbers as records=500]:LIMITS:(kinesis large-records window none)' \
        '--read-limits[limit readers as shards do\: 5 calls and 2 MiB a second]' \
        '--control-limits[limit the calls of the control plane as accounts are limited]' \
        '--latency=[how long answers take\: 20ms, or the JSON of a scenario'\''s embedded.latency]:LATENCY: ' \
        '*--shard-latency=[the latency of one shard, counted from 0, as 2=50ms]:SHARD=LATENCY: ' \
        '--capacity=[serve at most N records/s, first in, first out]:N: ' \
        '*--fault=[what goes wrong\: 500\:1%, stall\:every=9, the same in every run throttle\:share=9%, or the JSON of one of a scenario'\''s embedded.faults]:FAULT: ' \
        '*--reshard=[what happens to the shards\: split\:at=20s,shard=2 or merge, count\:at=9s,shards=8, or the JSON of one of embedded.reshard]:CHANGE: ' \
        '--seed=[the seed of faults, latencies and identifiers (default\: 1)]:N: ' \
        '--clock-offset=[added to the wall clock, as 10m or -10m]:TIME: ' \
        '--allow-unsigned[serve requests without a signature]' \
        '--access-key=[verify signatures against this test key]:KEY: ' \
        '--secret-key=[the secret of --access-key]:KEY: ' \
        '--tls-cert=[speak TLS with this certificate and its chain (PEM)]:FILE:_files' \
        '--tls-key=[the key of --tls-cert (PEM)]:FILE:_files' \
        '--tls-self-signed[speak TLS with a certificate made now; the file to trust is printed on the second line]' \
        '--out=[the parent of the folder with what was seen of the producer]:DIR:_files -/' \
        '--run-dir=[that folder itself; refused when not empty]:DIR:_files -/' \
        '--record-id=[a record is the same when this field of its JSON data is, as /event/id (default\: its whole content)]:POINTER: ' \
        '--record=[write what arrives as a trace for run and size\: .csv or .ndjson]:FILE:_files' \
        '--record-distinct[leave out of it what has the content of an earlier record, as retries have]' \
        '--keys=[partition keys in results and traces\: show, hash (default) or hide]:HOW:(show hash hide)' \
        '--null[a sink\: one shard, and a fixed success for every PutRecords, unread]' \
        '--records=[entries of the answer of --null (default\: 500)]:N: ' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]'
      ;;
    init)
      shift words
      ((CURRENT--))
      _arguments \
        '--rate=[records per second, as 2000, or bytes per second, as 5MiB (default\: 1000)]:RATE: ' \
        '--record-size=[data of a record, as 400B (default\: 1KiB)]:SIZE: ' \
        '--keys=[how many partition keys there are (default\: 10000)]:N: ' \
        '--top-key=[the heaviest key'\''s share of the records, as 20%; the others follow a zipf law (default\: all alike)]:SHARE: ' \
        '--shards=[the stream'\''s shards (default\: 4)]:N: ' \
        '--duration=[how long it lasts, as 90s (default\: 1m)]:TIME: ' \
        '--name=[the scenario'\''s name (default\: the file'\''s, else workload)]:NAME: ' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::FILE:_files'
      ;;
    schema)
      shift words
      ((CURRENT--))
      _arguments \
        '--summary[the schema of a run'\''s summary.json instead]' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]'
      ;;
    policy)
      shift words
      ((CURRENT--))
      _arguments \
        '--stream-arn=[the stream it is for (default\: words to be replaced)]:ARN: ' \
        '--create-stream[as in run\: allow to create the stream]' \
        '--delete-stream[as in run\: allow to delete the stream]' \
        '--read-back[as in run\: allow to read the stream]' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        ':COMMAND:(run search ab verify size)'
      ;;
    completion)
      shift words
      ((CURRENT--))
      _arguments \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        ':SHELL:(bash zsh fish)'
      ;;
    man)
      shift words
      ((CURRENT--))
      _arguments \
        '--out=[write every page into this folder, which has to be there]:DIR:_files -/' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::COMMAND:(observe plan size compare search ab baseline history report verify target init schema policy completion man help run)'
      ;;
    help)
      shift words
      ((CURRENT--))
      _arguments \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::COMMAND: ' \
        '::all: '
      ;;
    run)
      shift words
      ((CURRENT--))
      _arguments \
        '--target=[embedded (default), an http\:// or https\:// URL, or aws]:TARGET:(embedded aws)' \
        '--stream=[the stream to write to (default\: the scenario'\''s)]:NAME: ' \
        '--stream-arn=[the stream by its ARN; aws then means the account'\''s own host]:ARN: ' \
        '--region=[the region to sign for]:REGION: ' \
        '--profile=[the profile of the shared credentials and config files]:NAME: ' \
        '--create-stream[create the stream with the scenario'\''s shards, and wait for it]' \
        '--delete-stream[delete the stream at the end]' \
        '--read-back[read the stream after the run\: found, duplicated, missing, reordered (turns records.identity on)]' \
        '--ca-file=[trust the issuers in this PEM file instead of the system'\''s]:FILE:_files' \
        '--insecure[accept any certificate; a warning in every result says so]' \
        '--no-sign[send requests without a signature]' \
        '*--set=[change a field of the scenario, as client.producers=8 or phases\[ramp\].rate=9]:PATH=VALUE: ' \
        '--scale=[multiply every rate, as 3 or 0.5; time stays as it is]:FACTOR: ' \
        '--duration=[how long the whole run takes, warm-ups included\: all phases are stretched or cut by one factor]:TIME: ' \
        '--seed=[the seed of all random choices (default\: the scenario'\''s)]:N: ' \
        '--shard-map=[the stream'\''s shards, as aws kinesis list-shards prints them]:FILE:_files' \
        '--rate=[records per second, as 2000, or bytes per second, as 5MiB]:RATE: ' \
        '--record-size=[data of a record, as 400B (default\: 1KiB)]:SIZE: ' \
        '--top-key=[the heaviest key'\''s share of the records, as 20%; the others follow a zipf law (default\: all alike)]:SHARE: ' \
        '--shards=[the stream'\''s shards (default\: 4)]:N: ' \
        '--name=[the scenario'\''s name (default\: workload)]:NAME: ' \
        '*--keys=[how many keys there are, without a scenario (default\: 10000); in any case how keys are shown\: show (default, for a trace hash), hash or hide]:N|HOW:(show hash hide)' \
        '--workers=[worker threads (default\: from the machine'\''s cores)]:N: ' \
        '--spin=[stay awake for so long before something is due, as 50us, instead of sleeping (default\: 0)]:TIME: ' \
        '--out=[the parent of the result folder (default\: results)]:DIR:_files -/' \
        '--run-dir=[the result folder itself; refused when not empty]:DIR:_files -/' \
        '--size[add to the report what other numbers of shards would have done, by the model of size]' \
        '--baseline=[judge the run against a baseline file or a folder of runs]:FILE:_shardmeter_runs' \
        '*--effect=[the smallest change that counts (default\: 5%; for ratios 0.5 points), as response.p99=10%]:METRIC=CHANGE: ' \
        '--tolerance=[with fewer than six runs a side, which no test judges\: worse by more fails, as 10%]:CHANGE: ' \
        '--inconclusive=[what cannot be told\: pass (default) or fail]:WHAT:(pass fail)' \
        '--allow=[machine\: compare latencies of two machines too]:WHAT:(machine)' \
        '--across=[stream.shards\: compare runs on different numbers of shards]:FIELD:(stream.shards)' \
        '--repeat=[make so many runs, each in a folder of its own under --out, to be compared]:N: ' \
        '--cooldown=[rest before each further run (default\: 5s)]:TIME: ' \
        '--json[print summary.json on standard output instead of tables]' \
        '*--quiet[only failed thresholds and the verdict; twice\: only the exit code]' \
        '*-q[only failed thresholds and the verdict; twice\: only the exit code]' \
        '--color=[colour on the terminal\: auto (default), always or never]:WHEN:(auto always never)' \
        '--progress=[a progress line at this interval, as 5s, or none]:EVERY:(none)' \
        '--yes[do not ask before sending]' \
        '--existing-stream[allow writing to a stream that this run did not create]' \
        '--max-records=[stop after this many records]:N: ' \
        '--max-bytes=[stop after this many bytes of data and keys, as 10000MiB]:SIZE: ' \
        '--prices=[what the region charges\: the question before sending names the cost]:FILE:_files' \
        '*--help[print the help; --help all has every option]:: :(all)' \
        '*-h[print the help; --help all has every option]' \
        '::SCENARIO:_shardmeter_scenarios'
      ;;
  esac
}

_shardmeter "$@"
