#!/bin/sh
# Runs in each pod of the network check; every node has one such pod. It asks its neighbours in the ring of pods. The script
# needs busybox only, runs as the user nobody, and writes only to WORK.
#
#   reach.sh PODS JOB HOSTS SERVICE PORT SECONDS WORK     with JOB_COMPLETION_INDEX in the environment
#
# PODS     how many pods there are, JOB-0 to JOB-<PODS - 1>
# HOSTS    domain of their names
# SERVICE  name of a Service in front of all of them
#
# After SECONDS it gives up, and says in its termination message which pods it did not reach, by their numbers:
#
#   unreached 2 5        no answer, or less than the whole of it
#   unresolved 1 service  the cluster's DNS does not know the name
set -u
pods=$1 job=$2 hosts=$3 service=$4 port=$5 end=$(($(date +%s) + $6)) work=$7
index=$JOB_COMPLETION_INDEX
# On either side, so that of two pods each looks at the other. In a large cluster all pairs would be too many.
reach=5

neighbours() {
  distance=1
  while [ "$distance" -le "$reach" ]; do
    echo $(((index + distance) % pods)) $(((index + pods * reach - distance) % pods))
    distance=$((distance + 1))
  done | tr ' ' '\n' | grep -vx "$index" | sort -nu
}

# The answer is larger than a packet, because small packets arrive also where the MTU is wrong.
serve() {
  mkdir -p "$work/www"
  head -c 65536 /dev/zero >"$work/www/data"
  : >"$work/www/up"
  httpd -p "$port" -h "$work/www"
}

host_of() {
  if [ "$1" = service ]; then echo "$service"; else echo "$job-$1.$hosts"; fi
}

get() {
  timeout 5 wget -q -O /dev/null "http://$(host_of "$1"):$port/$2" 2>"$work/complaint"
}

# Takes those out of `left` that answer. Names that are not resolved are kept apart.
ask() {
  still='' unresolved=''
  for one in $left; do
    if get "$one" data; then continue; fi
    still="$still $one"
    if grep -q 'bad address' "$work/complaint"; then unresolved="$unresolved $one"; fi
  done
  left=$still
}

# This pod stays as long as another one may still ask it. Who was reached and no longer answers is done.
wait_for_the_others() {
  : >"$work/www/done"
  others=$(neighbours)
  while [ -n "$others" ] && [ "$(date +%s)" -lt "$end" ]; do
    still=''
    for one in $others; do
      if get "$one" up && ! get "$one" "done"; then still="$still $one"; fi
    done
    others=$still
    sleep 1
  done
}

report() {
  {
    if [ -n "$unresolved" ]; then echo "unresolved$unresolved"; fi
    for one in $left; do
      case " $unresolved " in *" $one "*) ;; *) echo "$one" ;; esac
    done | tr '\n' ' ' | sed -n 's/^\(.*[^ ]\) *$/unreached \1/p'
  } >/dev/termination-log
}

serve
left="$(neighbours) service"
ask
while [ -n "$left" ]; do
  if [ "$(date +%s)" -ge "$end" ]; then
    report
    exit 1
  fi
  sleep 1
  ask
done
wait_for_the_others
