import { OWNED_FOLDER } from '../../domain/owned-file.ts';

/**
 * The part of the program on a director that knows keepalived. Files are given out without what a secret may stand in:
 * passwords, comments, arguments of scripts. The only files it writes are those of `OWNED_FOLDER`, whose names and
 * contents it makes itself from the words of a service, a member and a weight.
 */
export const KEEPALIVED_FUNCTIONS = `own=${OWNED_FOLDER}
keepalived_pid() {
  for place in /run/keepalived.pid /run/keepalived/keepalived.pid; do
    first_line "$place" && is_number "$value" || continue
    pid=$value
    first_line "/proc/$pid/comm" && [ "$value" = keepalived ] && return 0
  done
  return 1
}
# Sets conf, host, files, names (whether a virtual service is in them) and skipped (what could not be looked at).
keepalived_files() {
  conf=/etc/keepalived/keepalived.conf
  first_line /proc/sys/kernel/hostname
  host=\${value%%.*}
  previous=
  for word in $(tr '\\0' ' ' <"/proc/$pid/cmdline"); do
    case $previous in
      -f | --use-file) conf=$word ;;
      -i | --config-id) host=$word ;;
    esac
    case $word in
      --use-file=*) conf=\${word#*=} ;;
      --config-id=*) host=\${word#*=} ;;
      -f?*) conf=\${word#-f} ;;
    esac
    previous=$word
  done
  files= skipped= names=0 level=$conf round=0
  while [ -n "$level" ] && [ "$round" -lt 8 ]; do
    round=$((round + 1))
    next=
    for each in $level; do
      case " $files " in *" $each "*) continue ;; esac
      [ -r "$each" ] || { skipped="$skipped $each"; continue; }
      files="$files $each"
      case $each in "$own"/*) continue ;; esac
      hits=$(grep -E 'virtual_server|^[[:space:]]*include[rmwba]?[[:space:]]|^[[:space:]]*[$~]' "$each")
      IFS=$newline
      for hit in $hits; do
        IFS=$blanks
        follow $hit
        IFS=$newline
      done
      IFS=$blanks
    done
    level=$next
  done
  skipped="$skipped$level"
}
newline='
'
blanks=' 	
'
# A line that names a virtual service, or files that are included from the folder of the file each.
follow() {
  case $1 in include | include[rmwba]) ;; *) names=1; return 0 ;; esac
  pattern=\${2%%[#!]*}
  pattern=\${pattern#\\"}
  pattern=\${pattern%\\"}
  case $pattern in
    *[!]A-Za-z0-9/._*?+@:,[-]*) skipped="$skipped $pattern"; return 0 ;;
    /*) ;;
    *) pattern=\${each%/*}/\${pattern#./} ;;
  esac
  set +f
  for match in $pattern; do
    case $match in *[!A-Za-z0-9/._+@:,-]*) continue ;; esac
    [ ! -f "$match" ] || next="$next $match"
  done
  set -f
}
# Sets short to the first 16 letters.
shorten() {
  short=\${1%"\${1#????????????????}"}
}
# Sets base to what all files but ours are, and kept to lines for ours.
look() {
  base= kept= others=0 all= sum=
  for word in $(sha256sum $files); do
    if [ -z "$sum" ]; then sum=$word; continue; fi
    shorten "$sum"
    case $word in
      "$own"/*) kept="$kept\${kept:+$newline}kept $short $word" ;;
      *) all="$all$sum $word" base=$short others=$((others + 1)) ;;
    esac
    sum=
  done
  if [ "$others" != 1 ]; then shorten "$(printf '%s' "$all" | sha256sum)" && base=$short; fi
}
give_out() {
  sed -e 's/^[[:space:]]*[#!].*//' \\
    -e 's/\\(\\(auth_pass\\|password\\)[[:space:]]\\{1,\\}\\)\\("[^"]*"\\|[^[:space:]#!}]\\{1,\\}\\)/\\1-/' \\
    -e 's/^\\([[:space:]]*\\$[A-Za-z0-9_]*\\(pass\\|auth\\|secret\\|key\\|token\\)[A-Za-z0-9_]*=\\).*/\\1-/I' \\
    -e 's/^\\([[:space:]]*\\(notify[a-z_]*\\|quorum_up\\|quorum_down\\|script\\|misc_path\\)[[:space:]]\\{1,\\}\\).*/\\1-/' \\
    -e 's/^/|/' "$1"
}
owner() {
  keepalived_pid || return 0
  printf 'pid %s\\n' "$pid"
  keepalived_files
  [ -n "\${1:-}" ] || [ "$names" = 1 ] || [ -n "$skipped" ] || return 0
  look
  printf 'root %s\\nhost %s\\nbase %s\\n' "$conf" "$host" "$base"
  [ -z "$skipped" ] || printf 'missing %s\\n' $skipped
  [ -z "$kept" ] || printf '%s\\n' "$kept"
  for each in $files; do
    printf 'file %s\\n' "$each"
    case $each in
      "$own"/*)
        while IFS= read -r row || [ -n "$row" ]; do printf '|%s\\n' "$row"; done <"$each"
        continue
        ;;
    esac
    give_out "$each" || return 1
    [ -z "\${1:-}" ] || passwords "$each" "$1"
  done
}
# Not the passwords: what each makes with a word of whoever asks, so that two directors can be compared.
passwords() {
  sed -n 's/^[[:space:]]*\\(@[^[:space:]]*[[:space:]]\\{1,\\}\\)\\{0,1\\}auth_pass[[:space:]]\\{1,\\}\\("\\([^"]*\\)"\\|\\([^[:space:]#!}]*\\)\\).*/\\3\\4/p' "$1" |
    while IFS= read -r value; do
      shorten "$(printf '%s %s' "$2" "$value" | sha256sum)"
      printf 'auth %s\\n' "$short"
    done
}
split_endpoint() {
  address=\${1%:*} port=\${1##*:}
  address=\${address#[}
  address=\${address%]}
}
# Sets ours to the file for a service and a member.
own_file() {
  case $1 in
    -t) ours=tcp ;;
    -u) ours=udp ;;
    --sctp-service) ours=sctp ;;
    *) if [ "\${3:-}" = -6 ]; then ours=fwmark-6-$2; else ours=fwmark-$2; fi ;;
  esac
  if [ "$1" != -f ]; then
    split_endpoint "$2"
    ours=$ours-$address-$port
  fi
  split_endpoint "$member"
  ours=$own/$ours-$address-$port.conf
}
restore() {
  if [ -f "$kept_before" ]; then mv -f "$kept_before" "$ours"; else rm -f "$ours"; fi
  kill -HUP "$pid"
}
# Puts content where own_file says, if it is there what it was; then keepalived takes it, or it is put back.
put() {
  is_root || { printf 'you must be root: keepalived owns this table; use the helper\\n'; return 13; }
  keepalived_pid || { printf 'keepalived does not run\\n'; return 3; }
  mkdir -p -m 755 "$own" && exec 9>"$own/.lock" && flock -w 2 9 || { printf 'the folder %s is not ours to write\\n' "$own"; return 3; }
  keepalived_files
  look
  [ "$base" = "$given_base" ] || { printf 'the configuration was changed meanwhile\\n'; return 4; }
  printf '%s\\n' "$content" >"$own/.new" || return 1
  short=absent
  [ ! -f "$ours" ] || shorten "$(sha256sum "$ours")"
  kept_before=$own/.\${ours##*/}.before
  if [ "$short" = "$was" ]; then
    rm -f "$kept_before"
    [ ! -f "$ours" ] || cp -p "$ours" "$kept_before" || return 1
  elif ! cmp -s "$own/.new" "$ours"; then
    # Or else it is asked once more, because the answer was lost, and is as wanted already.
    rm -f "$own/.new"
    printf 'the file was changed meanwhile\\n'
    return 4
  fi
  mv -f "$own/.new" "$ours" || return 1
  if ! said=$(keepalived -t -f "$conf" -i "$host" 2>&1); then
    restore
    printf 'keepalived -t says: %s\\n' "$(printf '%s\\n' "$said" | grep -iv pass | tail -n 1)"
    return 5
  fi
  kill -HUP "$pid" || { restore; return 1; }
  turn=0
  while [ "$turn" -lt 40 ]; do
    rows=$(ipvsadm -Sn)
    row=\${rows#*"-a $service -r $member "}
    if [ "$row" = "$rows" ]; then row=; else row=\${row%%"$newline"*}; fi
    case "$row " in
      ' ') [ "$turn" -lt 10 ] || return 0 ;;
      *" -w $weight "*) return 0 ;;
    esac
    # Sick, and kept with weight 0 by keepalived.
    [ "$sick" = 0 ] || [ "$turn" -lt 10 ] || return 0
    turn=$((turn + 1))
    sleep 0.05
  done
  restore
  printf 'keepalived did not take it: the table shows %s\\n' "$row"
  return 6
}
`;

/** The branches of the program's `case` for it. */
export const KEEPALIVED_VERBS = `keepalived)
    case \${2:-} in '' | *[!0-9a-f]*) refuse 'not a word to compare with' ;; esac
    [ "$#" = 2 ] || refuse 'too many words'
    section owner owner "$2"
    ;;
  put)
    given=\${2:-}
    shift
    [ "$#" -ge 2 ] && shift
    case \${1:-} in
      weight)
        is_number "\${2:-}" || refuse 'not a weight'
        content="weight $2"
        shift 2
        ;;
      nothing)
        content='# The weight is the one above.'
        shift
        ;;
      *) refuse 'not something to put' ;;
    esac
    [ "\${1:-}" = for ] || refuse 'for no service'
    shift
    take_service "$@"
    words=$service
    shift "$used"
    [ "\${1:-}" = -r ] && is_endpoint "\${2:-}" || refuse 'not a real server'
    member=$2
    [ "\${3:-}" = -w ] && is_number "\${4:-}" || refuse 'not a weight'
    weight=$4
    shift 4
    sick=0
    if [ "\${1:-}" = sick ]; then sick=1; shift; fi
    [ "\${1:-}" = was ] && [ "\${3:-}" = in ] && [ "$#" = 4 ] || refuse 'not what it was'
    was=$2 given_base=$4
    case $was$given_base in *[!0-9a-z]*) refuse 'not what it was' ;; esac
    own_file $words
    [ "$given" = "$ours" ] || refuse 'not our file for this real server'
    section put put
    ;;`;
