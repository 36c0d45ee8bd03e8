import { KEEPALIVED_FUNCTIONS, KEEPALIVED_VERBS } from './script-keepalived.ts';

/** Said by the script when it is ready; another number would be another language. */
export const GREETING = 'lb-lvs 2';
/** The last line of a whole answer. */
export const DONE = '== done';

/**
 * The program that runs on a director: root's helper (`lb lvs helper` prints it), or handed to the shell of the user
 * who logs in. POSIX, with closed verbs: it takes one line, looks at every word of it, and runs nothing else.
 *
 * The line is `read SERVICE`, `roles`, `read` for everything, `switch INSTANCE …`, `keepalived WORD`,
 * `ipvsadm -e|-a|-d SERVICE -r MEMBER …`, or `put FILE …` for a file that keepalived includes. Each program that it runs
 * gets a section: `== NAME`, what the program printed on either stream, `== exit N`. The answer ends with `== done`, so
 * an answer cut off and an exit code 255 of ssh are told apart. A line without its newline is not carried out.
 *
 * Starting a program is what costs time on a busy director: what the shell can do itself, it does.
 */
const PREFIX = '# What goes in front of ipvsadm.';

const SCRIPT = `# lb-lvs: what lb-chatops may do on an LVS director. Reads one line on its input; the verbs are closed.
set -uf
# Whoever sent the line may have given up waiting: it is carried out all the same, not sometimes.
trap '' PIPE
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
${PREFIX}
section() {
  printf '== %s\\n' "$1"
  shift
  "$@" 2>&1
  printf '== exit %s\\n' "$?"
}
# sudo asks for a password where the program that it may run is not there.
ipvs() {
  command -v ipvsadm >/dev/null || {
    printf 'ipvsadm: not found\\n'
    return 127
  }
  $as ipvsadm "$@"
}
# Sets rules, for what they say decides what else is asked.
save_rules() {
  command -v ipvsadm >/dev/null || ipvs || return
  rules=$(exec $as ipvsadm -Sn 2>&1) || {
    set -- "$?"
    printf '%s\\n' "$rules"
    return "$1"
  }
  [ -z "$rules" ] || printf '%s\\n' "$rules"
}
refuse() {
  printf '== refused\\n%s\\n== exit 64\\n== done\\n' "$1"
  exit 0
}
is_number() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  [ "\${#1}" -le 10 ]
}
is_endpoint() {
  case $1 in '' | *[!]0-9a-fA-F.:[]*) return 1 ;; esac
  case $1 in *:*) return 0 ;; esac
  return 1
}
# Sets service to the words of a service, used to how many they are.
take_service() {
  used=2
  case \${1:-} in
    -t | -u | --sctp-service) is_endpoint "\${2:-}" || refuse 'not an address and port of a service' ;;
    -f)
      is_number "\${2:-}" || refuse 'not a firewall mark'
      if [ "\${3:-}" = -6 ]; then used=3; fi
      ;;
    *) refuse 'not a service' ;;
  esac
  service="$1 $2"
  if [ "$used" = 3 ]; then service="$service -6"; fi
}
# The shell's own read: each program started costs more than all of this.
first_line() {
  value=
  [ -r "$1" ] && { IFS= read -r value <"$1" || [ -n "$value" ]; }
}
identity() {
  for file in /proc/sys/kernel/random/boot_id /proc/uptime /proc/sys/kernel/osrelease; do
    first_line "$file"
    printf '%s\\n' "$value"
  done
}
settings() {
  for name in expire_quiescent_template expire_nodest_conn; do
    first_line "/proc/sys/net/ipv4/vs/$name" && printf '%s %s\\n' "$name" "$value"
  done
  return 0
}
${KEEPALIVED_FUNCTIONS}# Only then may keepalived be asked for its data.
is_root() {
  [ -z "$as" ] || return 1
  while read -r word value rest; do
    case $word in Uid:) break ;; esac
  done </proc/self/status
  [ "\${rest%%[!0-9]*}" = 0 ]
}
# Sets number to the signal for its data. Asked once of each keepalived, for it starts a second one; only root writes there.
json_signal() {
  first_line /run/lb-lvs.json-signal && set -- $value && number=\${2:-} && [ "\${1:-}" = "$pid" ] && is_number "$number" && return 0
  number=$(keepalived --signum=JSON) && is_number "$number" || return 1
  printf '%s %s\\n' "$pid" "$number" >/run/lb-lvs.json-signal
}
# Has keepalived write down its data, which takes it a moment. Sets asked; empty where it may not be asked.
begin_vrrp() {
  asked=
  is_root || return 0
  asked=nobody
  keepalived_pid || return 0
  asked=in-vain
  json_signal && rm -f /tmp/keepalived.json && kill -"$number" "$pid" && asked=yes
}
# Of that data, the lines that are named here and no other: the data has the VRRP password in clear.
vrrp() {
  case $asked in nobody) return 0 ;; in-vain) return 1 ;; esac
  said= turn=0
  until case $said in *']') ;; *) false ;; esac; do
    [ "$turn" = 0 ] || sleep 0.05
    turn=$((turn + 1))
    [ "$turn" -le 30 ] || return 1
    [ ! -s /tmp/keepalived.json ] || said=$(tr '{},' '\\n\\n\\n' </tmp/keepalived.json)
  done
  IFS=$newline
  for row in $said; do
    case $row in
      '"iname":'* | '"state":'* | '"vrid":'* | '"effective_priority":'* | '"last_transition":'* | '"ifp_ifname":'*)
        printf '%s\\n' "$row"
        ;;
    esac
  done
  IFS=$blanks$newline
}
who_it_is() {
  section addresses addresses
  [ -z "$asked" ] || section vrrp vrrp
}
addresses() {
  ip -o addr show && ip -o link show
}
# The file by which an instance gives way: keepalived, where it is told to, tracks it and makes it when it starts.
yielding() {
  first_line "$1" && printf '%s\\n' "$value"
}
set_yielding() {
  is_root || { echo 'only root may write it' && return 77; }
  [ -f "$1" ] || { echo 'it is not there' && return 66; }
  printf '%s\\n' "$2" >"$1"
}

printf '${GREETING}\\n'
IFS= read -r line || exit 0
case $line in *[!]A-Za-z0-9\\ .:/[_-]*) refuse 'a character that no verb has' ;; esac
set -- $line
case \${1:-} in
  read)
    shift
    service= rules=
    if [ "$#" != 0 ]; then
      take_service "$@"
      [ "$#" = "$used" ] || refuse 'too many words'
    else
      begin_vrrp
    fi
    section identity identity
    section rules save_rules
    section thresholds ipvs -Ln $service --thresholds
    case $rules in *' -p '*) section persistent ipvs -Ln $service --persistent-conn ;; esac
    section stats ipvs -Ln $service --stats --exact
    section settings settings
    section owner owner
    [ -n "$service" ] || who_it_is
    ;;
  roles)
    [ "$#" = 1 ] || refuse 'too many words'
    begin_vrrp
    section identity identity
    who_it_is
    ;;
  switch)
    case \${2:-} in '' | *[!A-Za-z0-9._-]*) refuse 'not an instance' ;; esac
    [ "\${#2}" -le 64 ] && [ "$#" = 3 ] || refuse 'not an instance and what becomes of it'
    tracked=/run/lb-yield.$2
    case $3 in
      show) ;;
      yield) section switch set_yielding "$tracked" 1 ;;
      resume) section switch set_yielding "$tracked" 0 ;;
      *) refuse 'not a verb' ;;
    esac
    begin_vrrp
    section identity identity
    section yielding yielding "$tracked"
    who_it_is
    section daemon $as ipvsadm -L --daemon
    ;;
  ipvsadm)
    action=\${2:-}
    case $action in -e | -a | -d) ;; *) refuse 'not a verb' ;; esac
    shift 2
    take_service "$@"
    shift "$used"
    [ "\${1:-}" = -r ] && is_endpoint "\${2:-}" || refuse 'not a real server'
    member=$2
    shift 2
    rest=
    if [ "$action" != -d ]; then
      case \${1:-} in -g | -m | -i) ;; *) refuse 'not a way of forwarding' ;; esac
      [ "\${2:-}" = -w ] && is_number "\${3:-}" || refuse 'not a weight'
      rest="$1 -w $3"
      shift 3
      for flag in -x -y; do
        if [ "\${1:-}" = "$flag" ]; then
          is_number "\${2:-}" || refuse 'not a threshold'
          rest="$rest $flag $2"
          shift 2
        fi
      done
    fi
    [ "$#" = 0 ] || refuse 'too many words'
    section ipvsadm ipvs $action $service -r $member $rest
    ;;
  ${KEEPALIVED_VERBS}
  *) refuse 'not a verb' ;;
esac
printf '== done\\n'
`;

/** The file that root puts on a director, for instance as /usr/local/sbin/lb-lvs. */
export const HELPER = `#!/bin/sh\n${scriptFor('')}`;

/** The words for the shell of the user who logs in, without the helper; root needs nothing in front. */
export function shellWords(prefix: '' | 'sudo -n'): string {
  return `exec sh -c '${scriptFor(prefix).replaceAll("'", "'\\''")}' lb-lvs`;
}

/** Fixed in the text, for arguments would be another way in. */
function scriptFor(prefix: '' | 'sudo -n'): string {
  return SCRIPT.replace(PREFIX, `${PREFIX}\nas='${prefix}'`);
}
