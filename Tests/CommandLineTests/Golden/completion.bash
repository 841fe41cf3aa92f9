# bash completion for shardmeter
_shardmeter_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }

_shardmeter_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}

# Folders of results that are whole, besides what $1 says: -d for folders, -f for files.
_shardmeter_runs() {
  local folder
  _shardmeter_files "$1"
  for folder in results/*/; do
    folder=${folder%/}
    if [[ -e $folder/summary.json && $folder == "$current"* ]]; then COMPREPLY+=("$folder"); fi
  done
}

_shardmeter_scenarios() {
  local built_in
  _shardmeter_files -f
  mapfile -t built_in < <(compgen -W 'burst diurnal explicit-hash-key hot-key large-records mixed-events noisy-neighbour producer-retries quickstart ramp soak steady tenants tiny-records zipf' -- "$current")
  COMPREPLY+=("${built_in[@]}")
}

# Counts the operands before the cursor; $1 has the options that take a value.
_shardmeter_operand() {
  local index
  operand=0
  for ((index = 2; index < COMP_CWORD; index++)); do
    case ${COMP_WORDS[index]} in
    -*)
      if [[ ${COMP_WORDS[index + 1]} == = ]]; then
        ((index += 2))
      elif [[ " $1 " == *" ${COMP_WORDS[index]} "* ]]; then
        ((index += 1))
      fi
      ;;
    =) ((index += 1)) ;;
    *) ((operand += 1)) ;;
    esac
  done
}

_shardmeter() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} operand
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _shardmeter_words 'observe plan size compare search ab baseline history report verify target init schema policy completion man help run --help --version'
    return
  fi
  # bash takes --name=value for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case ${COMP_WORDS[1]} in
    observe)
      case $previous in
      --for) :; return ;;
      --timeout) :; return ;;
      --quiet-for) :; return ;;
      --gate) _shardmeter_files -f; return ;;
      --expect) _shardmeter_files -f; return ;;
      --host) :; return ;;
      --allow-origin) :; return ;;
      --allow-host) :; return ;;
      --stream) :; return ;;
      --shards) :; return ;;
      --shard-map) _shardmeter_files -f; return ;;
      --account) :; return ;;
      --region) :; return ;;
      --shard-limit) :; return ;;
      --transition) :; return ;;
      --retain) :; return ;;
      --limits) _shardmeter_words 'kinesis large-records window none'; return ;;
      --latency) :; return ;;
      --shard-latency) :; return ;;
      --capacity) :; return ;;
      --fault) :; return ;;
      --reshard) :; return ;;
      --seed) :; return ;;
      --clock-offset) :; return ;;
      --access-key) :; return ;;
      --secret-key) :; return ;;
      --tls-cert) _shardmeter_files -f; return ;;
      --tls-key) _shardmeter_files -f; return ;;
      --out) _shardmeter_files -d; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --record-id) :; return ;;
      --record) _shardmeter_files -f; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --color) _shardmeter_words 'auto always never'; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--for --timeout --quiet-for --all-services --gate --expect --host --allow-origin --allow-host --stream --shards --shard-map --account --region --shard-limit --transition --retain --limits --read-limits --control-limits --latency --shard-latency --capacity --fault --reshard --seed --clock-offset --allow-unsigned --access-key --secret-key --tls-cert --tls-key --tls-self-signed --out --run-dir --record-id --record --record-distinct --keys --json --quiet -q --color --help -h'
      fi ;;
    plan)
      case $previous in
      --set) :; return ;;
      --scale) :; return ;;
      --duration) :; return ;;
      --seed) :; return ;;
      --shard-map) _shardmeter_files -f; return ;;
      --rate) :; return ;;
      --record-size) :; return ;;
      --top-key) :; return ;;
      --shards) :; return ;;
      --name) :; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --prices) _shardmeter_files -f; return ;;
      --region) :; return ;;
      --month) :; return ;;
      --parts) :; return ;;
      --answer-time) :; return ;;
      --out) _shardmeter_files -d; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --record) _shardmeter_files -f; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --prices --region --month --parts --answer-time --out --run-dir --json --record --help -h'
      else
        _shardmeter_operand '--set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --prices --region --month --parts --answer-time --out --run-dir --record'
        case $operand in
        0) _shardmeter_scenarios ;;
        esac
      fi ;;
    size)
      case $previous in
      --throttle) :; return ;;
      --headroom) :; return ;;
      --max-shards) :; return ;;
      --set) :; return ;;
      --scale) :; return ;;
      --duration) :; return ;;
      --seed) :; return ;;
      --shard-map) _shardmeter_files -f; return ;;
      --rate) :; return ;;
      --record-size) :; return ;;
      --top-key) :; return ;;
      --shards) :; return ;;
      --name) :; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --from) _shardmeter_runs -d; return ;;
      --stream) :; return ;;
      --region) :; return ;;
      --prices) _shardmeter_files -f; return ;;
      --month) :; return ;;
      --target) _shardmeter_words 'embedded aws'; return ;;
      --profile) :; return ;;
      --out) _shardmeter_files -d; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--throttle --headroom --max-shards --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --from --stream --region --prices --month --verify --target --profile --yes --out --run-dir --json --help -h'
      else
        _shardmeter_operand '--throttle --headroom --max-shards --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --from --stream --region --prices --month --target --profile --out --run-dir'
        case $operand in
        0) _shardmeter_scenarios ;;
        esac
      fi ;;
    compare)
      case $previous in
      --effect) :; return ;;
      --tolerance) :; return ;;
      --inconclusive) _shardmeter_words 'pass fail'; return ;;
      --allow) _shardmeter_words 'machine'; return ;;
      --across) _shardmeter_words 'stream.shards'; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --color) _shardmeter_words 'auto always never'; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--effect --tolerance --inconclusive --allow --across --run-dir --json --quiet -q --color --help -h'
      else
        _shardmeter_operand '--effect --tolerance --inconclusive --allow --across --run-dir --color'
        case $operand in
        0) _shardmeter_runs -f ;;
        1) _shardmeter_runs -f ;;
        esac
      fi ;;
    search)
      case $previous in
      --budget) :; return ;;
      --target) _shardmeter_words 'embedded aws'; return ;;
      --stream) :; return ;;
      --stream-arn) :; return ;;
      --region) :; return ;;
      --profile) :; return ;;
      --ca-file) _shardmeter_files -f; return ;;
      --set) :; return ;;
      --scale) :; return ;;
      --duration) :; return ;;
      --seed) :; return ;;
      --shard-map) _shardmeter_files -f; return ;;
      --rate) :; return ;;
      --record-size) :; return ;;
      --top-key) :; return ;;
      --shards) :; return ;;
      --name) :; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --workers) :; return ;;
      --spin) :; return ;;
      --out) _shardmeter_files -d; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --color) _shardmeter_words 'auto always never'; return ;;
      --progress) _shardmeter_words 'none'; return ;;
      --max-records) :; return ;;
      --max-bytes) :; return ;;
      --prices) _shardmeter_files -f; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--budget --target --stream --stream-arn --region --profile --create-stream --delete-stream --read-back --ca-file --insecure --no-sign --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --workers --spin --out --run-dir --size --json --quiet -q --color --progress --yes --existing-stream --max-records --max-bytes --prices --help -h'
      else
        _shardmeter_operand '--budget --target --stream --stream-arn --region --profile --ca-file --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --workers --spin --out --run-dir --color --progress --max-records --max-bytes --prices'
        case $operand in
        0) _shardmeter_scenarios ;;
        esac
      fi ;;
    ab)
      case $previous in
      --a) _shardmeter_words 'embedded'; return ;;
      --a-options) :; return ;;
      --a-start) :; return ;;
      --b) _shardmeter_words 'embedded'; return ;;
      --b-options) :; return ;;
      --b-start) :; return ;;
      --rounds) :; return ;;
      --cooldown) :; return ;;
      --budget) :; return ;;
      --effect) :; return ;;
      --tolerance) :; return ;;
      --inconclusive) _shardmeter_words 'pass fail'; return ;;
      --allow) _shardmeter_words 'machine'; return ;;
      --across) _shardmeter_words 'stream.shards'; return ;;
      --set) :; return ;;
      --scale) :; return ;;
      --duration) :; return ;;
      --seed) :; return ;;
      --shard-map) _shardmeter_files -f; return ;;
      --rate) :; return ;;
      --record-size) :; return ;;
      --top-key) :; return ;;
      --shards) :; return ;;
      --name) :; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --out) _shardmeter_files -d; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --color) _shardmeter_words 'auto always never'; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--a --a-options --a-start --b --b-options --b-start --rounds --cooldown --budget --effect --tolerance --inconclusive --allow --across --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --out --run-dir --json --quiet -q --color --help -h'
      else
        _shardmeter_operand '--a --a-options --a-start --b --b-options --b-start --rounds --cooldown --budget --effect --tolerance --inconclusive --allow --across --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --out --run-dir --color'
        case $operand in
        0) _shardmeter_scenarios ;;
        esac
      fi ;;
    baseline)
      case $previous in
      --name) :; return ;;
      --out) _shardmeter_files -d; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--name --out --help -h'
      else
        _shardmeter_operand '--name --out'
        case $operand in
        0) _shardmeter_words 'save' ;;
        1) _shardmeter_runs -d ;;
        esac
      fi ;;
    history)
      case $previous in
      --out) _shardmeter_files -d; return ;;
      --page) _shardmeter_files -f; return ;;
      --color) _shardmeter_words 'auto always never'; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--out --page --color --help -h'
      fi ;;
    report)
      case $previous in
      --color) _shardmeter_words 'auto always never'; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--json --quiet -q --color --help -h'
      else
        _shardmeter_operand '--color'
        case $operand in
        0) _shardmeter_runs -d ;;
        esac
      fi ;;
    verify)
      case $previous in
      --target) _shardmeter_words 'aws'; return ;;
      --stream) :; return ;;
      --stream-arn) :; return ;;
      --region) :; return ;;
      --profile) :; return ;;
      --ca-file) _shardmeter_files -f; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --files) _shardmeter_files -d; return ;;
      --color) _shardmeter_words 'auto always never'; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--target --stream --stream-arn --region --profile --ca-file --insecure --no-sign --keys --files --json --quiet -q --color --help -h'
      else
        _shardmeter_operand '--target --stream --stream-arn --region --profile --ca-file --keys --files --color'
        case $operand in
        0) _shardmeter_runs -d ;;
        esac
      fi ;;
    target)
      case $previous in
      --host) :; return ;;
      --port) :; return ;;
      --admin-port) :; return ;;
      --allow-origin) :; return ;;
      --allow-host) :; return ;;
      --stream) :; return ;;
      --shards) :; return ;;
      --shard-map) _shardmeter_files -f; return ;;
      --account) :; return ;;
      --region) :; return ;;
      --shard-limit) :; return ;;
      --transition) :; return ;;
      --retain) :; return ;;
      --limits) _shardmeter_words 'kinesis large-records window none'; return ;;
      --latency) :; return ;;
      --shard-latency) :; return ;;
      --capacity) :; return ;;
      --fault) :; return ;;
      --reshard) :; return ;;
      --seed) :; return ;;
      --clock-offset) :; return ;;
      --access-key) :; return ;;
      --secret-key) :; return ;;
      --tls-cert) _shardmeter_files -f; return ;;
      --tls-key) _shardmeter_files -f; return ;;
      --out) _shardmeter_files -d; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --record-id) :; return ;;
      --record) _shardmeter_files -f; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --records) :; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--host --port --admin-port --allow-origin --allow-host --until-input-ends --from-input --stream --shards --shard-map --account --region --shard-limit --transition --retain --limits --read-limits --control-limits --latency --shard-latency --capacity --fault --reshard --seed --clock-offset --allow-unsigned --access-key --secret-key --tls-cert --tls-key --tls-self-signed --out --run-dir --record-id --record --record-distinct --keys --null --records --help -h'
      fi ;;
    init)
      case $previous in
      --rate) :; return ;;
      --record-size) :; return ;;
      --keys) :; return ;;
      --top-key) :; return ;;
      --shards) :; return ;;
      --duration) :; return ;;
      --name) :; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--rate --record-size --keys --top-key --shards --duration --name --help -h'
      else
        _shardmeter_operand '--rate --record-size --keys --top-key --shards --duration --name'
        case $operand in
        0) _shardmeter_files -f ;;
        esac
      fi ;;
    schema)
      case $previous in
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--summary --help -h'
      fi ;;
    policy)
      case $previous in
      --stream-arn) :; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--stream-arn --create-stream --delete-stream --read-back --help -h'
      else
        _shardmeter_operand '--stream-arn'
        case $operand in
        0) _shardmeter_words 'run search ab verify size' ;;
        esac
      fi ;;
    completion)
      case $previous in
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--help -h'
      else
        _shardmeter_operand ''
        case $operand in
        0) _shardmeter_words 'bash zsh fish' ;;
        esac
      fi ;;
    man)
      case $previous in
      --out) _shardmeter_files -d; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--out --help -h'
      else
        _shardmeter_operand '--out'
        case $operand in
        0) _shardmeter_words 'observe plan size compare search ab baseline history report verify target init schema policy completion man help run' ;;
        esac
      fi ;;
    help)
      case $previous in
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--help -h'
      fi ;;
    run)
      case $previous in
      --target) _shardmeter_words 'embedded aws'; return ;;
      --stream) :; return ;;
      --stream-arn) :; return ;;
      --region) :; return ;;
      --profile) :; return ;;
      --ca-file) _shardmeter_files -f; return ;;
      --set) :; return ;;
      --scale) :; return ;;
      --duration) :; return ;;
      --seed) :; return ;;
      --shard-map) _shardmeter_files -f; return ;;
      --rate) :; return ;;
      --record-size) :; return ;;
      --top-key) :; return ;;
      --shards) :; return ;;
      --name) :; return ;;
      --keys) _shardmeter_words 'show hash hide'; return ;;
      --workers) :; return ;;
      --spin) :; return ;;
      --out) _shardmeter_files -d; return ;;
      --run-dir) _shardmeter_files -d; return ;;
      --baseline) _shardmeter_runs -f; return ;;
      --effect) :; return ;;
      --tolerance) :; return ;;
      --inconclusive) _shardmeter_words 'pass fail'; return ;;
      --allow) _shardmeter_words 'machine'; return ;;
      --across) _shardmeter_words 'stream.shards'; return ;;
      --repeat) :; return ;;
      --cooldown) :; return ;;
      --color) _shardmeter_words 'auto always never'; return ;;
      --progress) _shardmeter_words 'none'; return ;;
      --max-records) :; return ;;
      --max-bytes) :; return ;;
      --prices) _shardmeter_files -f; return ;;
      --help) _shardmeter_words 'all'; return ;;
      esac
      if [[ $current == -* ]]; then
        _shardmeter_words '--target --stream --stream-arn --region --profile --create-stream --delete-stream --read-back --ca-file --insecure --no-sign --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --workers --spin --out --run-dir --size --baseline --effect --tolerance --inconclusive --allow --across --repeat --cooldown --json --quiet -q --color --progress --yes --existing-stream --max-records --max-bytes --prices --help -h'
      else
        _shardmeter_operand '--target --stream --stream-arn --region --profile --ca-file --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --workers --spin --out --run-dir --baseline --effect --tolerance --inconclusive --allow --across --repeat --cooldown --color --progress --max-records --max-bytes --prices'
        case $operand in
        0) _shardmeter_scenarios ;;
        esac
      fi ;;
  esac
}
complete -F _shardmeter shardmeter
