/** The first line of every post; another number would be another language. */
export const POST_GREETING = 'lb-notify 1';

/** Lines that one post may have at most. */
export const POST_LINES_MAX = 200;

/**
 * The reader of keepalived's notify FIFO, as root puts it on a director (`lb keepalived notify-script` prints it).
 * POSIX shell and curl alone. The part that reads never waits for the network: it stamps each line and hands it to
 * the part that sends, which numbers it, keeps it in /run until somebody has recorded it, and sends in order. A line
 * is numbered within a boot: number and lines lie on a file system that a boot clears.
 */
export const NOTIFY_SCRIPT = `#!/bin/sh
# lb-notify: passes on what keepalived says about itself to lb-chatops.
#   keepalived.conf   global_defs {
#                        script_user root
#                        enable_script_security
#                        vrrp_notify_fifo /run/lb-notify.fifo
#                        vrrp_notify_fifo_script /usr/local/sbin/lb-notify
#                     }
#   /etc/lb-notify    url     https://bot.example.net:8443/notify
#                     header  Authorization: Bearer TOKEN      (mode 0600: no command line ever shows the token)
#                     ca.pem  who vouches for the listener's certificate, if the system does not know
set -uf
umask 077
# keepalived ends its scripts before it has said that it stops.
trap '' TERM INT HUP
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
etc=\${LB_NOTIFY_ETC:-/etc/lb-notify}
run=\${LB_NOTIFY_RUN:-/run/lb-notify}
fifo=\${1:-}
kept_max=1000
tick_seconds=\${LB_NOTIFY_TICK:-2}
beat_seconds=\${LB_NOTIFY_BEAT:-10}

said=
say() {
  [ "$said" = "$1" ] && return 0
  said=$1
  logger -t lb-notify -- "$1" 2>/dev/null || printf 'lb-notify: %s\\n' "$1" >&2
}
fail() {
  say "$1"
  exit 1
}
first_line() {
  value=
  [ -r "$1" ] && { IFS= read -r value <"$1" || [ -n "$value" ]; }
}

[ -p "$fifo" ] || fail "there is no FIFO \${fifo:-named}: keepalived gives it as the last word"
first_line "$etc/url" || fail "there is no $etc/url"
url=$value
case $url in
  https://*) ;;
  http://127.0.0.1[:/]* | http://localhost[:/]* | http://\\[::1\\][:/]*) ;;
  *) fail "$etc/url is not https: the token would travel in clear" ;;
esac
case $(ls -ldnL "$etc/header" 2>/dev/null) in
  -rw-------* | -r--------*) ;;
  *) fail "$etc/header must be there, for root alone: chmod 600 $etc/header" ;;
esac
ca=
[ -r "$etc/ca.pem" ] && ca="--cacert $etc/ca.pem"
first_line /proc/sys/kernel/random/boot_id || fail 'this kernel has no boot id'
boot=$value
mkdir -p "$run" || fail "$run cannot be made"

# The one before this, of a keepalived that was started anew, may still be saying its last word.
turn=0
while first_line "$run/pid" && [ "$turn" -lt 20 ] && kill -0 "$value" 2>/dev/null; do
  turn=$((turn + 1))
  sleep 1
done
printf '%s\\n' "$$" >"$run/pid"
first_line "$run/sequence" && sequence=$value || sequence=0
case $sequence in '' | *[!0-9]*) sequence=0 ;; esac
: >>"$run/kept"
waiting=$(wc -l <"$run/kept")
waiting=$((waiting))

now_up() {
  read -r up rest </proc/uptime
}
now_ms() {
  ms=$(date +%s%N)
  case $ms in
    *[!0-9]* | ????????????) ms=$(date +%s)000 ;;
    *) ms=\${ms%??????} ;;
  esac
}
# UPTIME WORDS OF KEEPALIVED. What does not fit any more makes a gap in the numbers, which is seen.
keep() {
  [ "\${#1}" -le 250 ] || return 0
  [ "$waiting" -lt "$kept_max" ] || forget 100
  sequence=$((sequence + 1))
  printf '%s\\n' "$sequence" >"$run/sequence"
  printf 'line %s %s\\n' "$sequence" "$1" >>"$run/kept"
  waiting=$((waiting + 1))
}
forget() {
  tail -n +$(($1 + 1)) "$run/kept" >"$run/kept.new" && mv "$run/kept.new" "$run/kept"
  waiting=$((waiting - $1))
}
# One post: what waits, or that nothing does. away=1 when nobody took it.
post() {
  count=$waiting
  [ "$count" -le ${POST_LINES_MAX} ] || count=${POST_LINES_MAX}
  now_ms
  now_up
  {
    printf '${POST_GREETING}\\nboot %s\\nclock %s %s\\nlast %s\\n' "$boot" "$ms" "$up" "$sequence"
    [ "$count" = 0 ] || head -n "$count" "$run/kept"
  } >"$run/post"
  # shellcheck disable=SC2086 # $ca is two words or none.
  code=$(curl -q -sS -o /dev/null -w '%{http_code}' --connect-timeout 2 -m 5 $ca -H "@$etc/header" \\
    -H 'Content-Type: text/plain' -H 'Expect:' --data-binary "@$run/post" "$url" 2>"$run/said") || code=000
  now_up
  told_at=\${up%.*}
  away=1
  case $code in
    200) said= ;;
    400 | 413) say "the listener does not understand this script ($code): put there what lb keepalived notify-script prints" ;;
    *)
      first_line "$run/said"
      say "not told ($code): \${value:-$url}"
      return 1
      ;;
  esac
  away=0
  [ "$count" = 0 ] || forget "$count"
}
tell() {
  post && while [ "$waiting" -gt 0 ]; do post || return 0; done
}
tell_all() {
  away=0
  tell
  while IFS= read -r word; do
    case $word in
      tick*)
        # One that waited for its turn while a post took its time: a newer one follows.
        age=$((\${word#tick } - told_at))
        [ "$age" -ge 0 ] || continue
        if [ "$waiting" -gt 0 ] || [ "$age" -ge "$beat_seconds" ]; then tell; fi
        ;;
      end)
        turn=0
        while [ "$waiting" -gt 0 ] && [ "$turn" -lt 5 ]; do
          turn=$((turn + 1))
          tell || sleep 1
        done
        return
        ;;
      *)
        keep "$word"
        [ "$away" = 1 ] || tell
        ;;
    esac
  done
}

{
  while sleep "$tick_seconds"; do
    now_up
    echo "tick \${up%.*}"
  done &
  while IFS= read -r line; do
    now_up
    printf '%s %s\\n' "$up" "$line"
  done <"$fifo"
  echo end
} | tell_all
`;
