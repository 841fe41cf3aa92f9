# bash completion for shardmeter
_shardmeter() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'plan size compare ab baseline history report verify target init schema completion help run --help --version' -- "$current")
    return
  fi
  case ${COMP_WORDS[1]} in
    plan)
      case $previous in
        --set) :; return ;;
        --scale) :; return ;;
        --duration) :; return ;;
        --seed) :; return ;;
        --shard-map) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --rate) :; return ;;
        --record-size) :; return ;;
        --top-key) :; return ;;
        --shards) :; return ;;
        --name) :; return ;;
        --keys) mapfile -t COMPREPLY < <(compgen -W 'show hash hide' -- "$current"); return ;;
        --record) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --json --record --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
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
        --shard-map) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --rate) :; return ;;
        --record-size) :; return ;;
        --top-key) :; return ;;
        --shards) :; return ;;
        --name) :; return ;;
        --keys) mapfile -t COMPREPLY < <(compgen -W 'show hash hide' -- "$current"); return ;;
        --from) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --stream) :; return ;;
        --region) :; return ;;
        --prices) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --month) :; return ;;
        --out) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --run-dir) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--throttle --headroom --max-shards --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --from --stream --region --prices --month --out --run-dir --json --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
      fi ;;
    compare)
      case $previous in
        --effect) :; return ;;
        --tolerance) :; return ;;
        --inconclusive) mapfile -t COMPREPLY < <(compgen -W 'pass fail' -- "$current"); return ;;
        --allow) mapfile -t COMPREPLY < <(compgen -W 'machine' -- "$current"); return ;;
        --across) mapfile -t COMPREPLY < <(compgen -W 'stream.shards' -- "$current"); return ;;
        --run-dir) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--effect --tolerance --inconclusive --allow --across --run-dir --json --quiet -q --color --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
      fi ;;
    ab)
      case $previous in
        --a) mapfile -t COMPREPLY < <(compgen -W 'embedded' -- "$current"); return ;;
        --a-options) :; return ;;
        --a-start) :; return ;;
        --b) mapfile -t COMPREPLY < <(compgen -W 'embedded' -- "$current"); return ;;
        --b-options) :; return ;;
        --b-start) :; return ;;
        --rounds) :; return ;;
        --cooldown) :; return ;;
        --budget) :; return ;;
        --effect) :; return ;;
        --tolerance) :; return ;;
        --inconclusive) mapfile -t COMPREPLY < <(compgen -W 'pass fail' -- "$current"); return ;;
        --allow) mapfile -t COMPREPLY < <(compgen -W 'machine' -- "$current"); return ;;
        --across) mapfile -t COMPREPLY < <(compgen -W 'stream.shards' -- "$current"); return ;;
        --set) :; return ;;
        --scale) :; return ;;
        --duration) :; return ;;
        --seed) :; return ;;
        --shard-map) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --rate) :; return ;;
        --record-size) :; return ;;
        --top-key) :; return ;;
        --shards) :; return ;;
        --name) :; return ;;
        --keys) mapfile -t COMPREPLY < <(compgen -W 'show hash hide' -- "$current"); return ;;
        --out) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --run-dir) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--a --a-options --a-start --b --b-options --b-start --rounds --cooldown --budget --effect --tolerance --inconclusive --allow --across --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --out --run-dir --json --quiet -q --color --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
      fi ;;
    baseline)
      case $previous in
        --name) :; return ;;
        --out) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--name --out --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -W 'save' -- "$current")
      fi ;;
    history)
      case $previous in
        --out) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --page) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--out --page --color --help -h' -- "$current")
      else
        :
      fi ;;
    report)
      case $previous in
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--json --quiet -q --color --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
      fi ;;
    verify)
      case $previous in
        --target) mapfile -t COMPREPLY < <(compgen -W 'aws' -- "$current"); return ;;
        --stream) :; return ;;
        --stream-arn) :; return ;;
        --region) :; return ;;
        --profile) :; return ;;
        --ca-file) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --keys) mapfile -t COMPREPLY < <(compgen -W 'show hash hide' -- "$current"); return ;;
        --files) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current"); return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--target --stream --stream-arn --region --profile --ca-file --insecure --no-sign --keys --files --json --quiet -q --color --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
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
        --shard-map) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --account) :; return ;;
        --region) :; return ;;
        --shard-limit) :; return ;;
        --transition) :; return ;;
        --retain) :; return ;;
        --limits) mapfile -t COMPREPLY < <(compgen -W 'kinesis large-records window none' -- "$current"); return ;;
        --latency) :; return ;;
        --shard-latency) :; return ;;
        --capacity) :; return ;;
        --fault) :; return ;;
        --reshard) :; return ;;
        --seed) :; return ;;
        --clock-offset) :; return ;;
        --access-key) :; return ;;
        --secret-key) :; return ;;
        --tls-cert) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --tls-key) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --records) :; return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--host --port --admin-port --allow-origin --allow-host --until-input-ends --from-input --stream --shards --shard-map --account --region --shard-limit --transition --retain --limits --read-limits --control-limits --latency --shard-latency --capacity --fault --reshard --seed --clock-offset --allow-unsigned --access-key --secret-key --tls-cert --tls-key --tls-self-signed --null --records --help -h' -- "$current")
      else
        :
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
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--rate --record-size --keys --top-key --shards --duration --name --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
      fi ;;
    schema)
      case $previous in
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--summary --help -h' -- "$current")
      else
        :
      fi ;;
    completion)
      case $previous in
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -W 'bash zsh fish' -- "$current")
      fi ;;
    help)
      case $previous in
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--help -h' -- "$current")
      else
        :
      fi ;;
    run)
      case $previous in
        --target) mapfile -t COMPREPLY < <(compgen -W 'embedded aws' -- "$current"); return ;;
        --stream) :; return ;;
        --stream-arn) :; return ;;
        --region) :; return ;;
        --profile) :; return ;;
        --ca-file) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --set) :; return ;;
        --scale) :; return ;;
        --duration) :; return ;;
        --seed) :; return ;;
        --shard-map) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --rate) :; return ;;
        --record-size) :; return ;;
        --top-key) :; return ;;
        --shards) :; return ;;
        --name) :; return ;;
        --keys) mapfile -t COMPREPLY < <(compgen -W 'show hash hide' -- "$current"); return ;;
        --workers) :; return ;;
        --spin) :; return ;;
        --out) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --run-dir) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --baseline) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --effect) :; return ;;
        --tolerance) :; return ;;
        --inconclusive) mapfile -t COMPREPLY < <(compgen -W 'pass fail' -- "$current"); return ;;
        --allow) mapfile -t COMPREPLY < <(compgen -W 'machine' -- "$current"); return ;;
        --across) mapfile -t COMPREPLY < <(compgen -W 'stream.shards' -- "$current"); return ;;
        --repeat) :; return ;;
        --cooldown) :; return ;;
        --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W 'none' -- "$current"); return ;;
        --max-records) :; return ;;
        --max-bytes) :; return ;;
        --help) mapfile -t COMPREPLY < <(compgen -W 'all' -- "$current"); return ;;
      esac
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--target --stream --stream-arn --region --profile --create-stream --delete-stream --read-back --ca-file --insecure --no-sign --set --scale --duration --seed --shard-map --rate --record-size --top-key --shards --name --keys --workers --spin --out --run-dir --baseline --effect --tolerance --inconclusive --allow --across --repeat --cooldown --json --quiet -q --color --progress --yes --existing-stream --max-records --max-bytes --help -h' -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
      fi ;;
  esac
}
complete -F _shardmeter shardmeter
