#!/bin/sh
# Compares a running node with files.tsv and arguments.tsv, as root on the node:
#
#     cat files.tsv arguments.tsv | check-node.sh server|agent
#     cat check-node.sh files.tsv arguments.tsv | ssh NODE sudo bash -s server|agent
#
# Bash reads a script from a pipe no further than what it runs: hence the call on the last line, behind which the tables begin.
#
# Prints one line per control and file or argument,
# "<node> <control> <pass|fail|absent> <file or argument> <value found>", and ends with 1 when one of them fails.
# Needs nothing but a POSIX shell, GNU stat, find, awk, sed and paste.
set -u

usage() {
	echo "Usage: cat files.tsv arguments.tsv | check-node.sh server|agent" >&2
	exit 2
}

node=$(uname -n)
node=${node%%.*}
failed=0
rows=0
looked=
loaded=
running=
arguments=

newline='
'

# The files that a path of a table stands for, one a line. `DIR/**/NAME` stands for each file below DIR, however deep, whose name
# fits; no link is followed.
matching() {
	case "$1" in
	*/\*\*/*) find "${1%%/\*\**}" -type f -name "${1##*/}" 2>/dev/null ;;
	*)
		# The pattern of the table is meant to expand.
		for path in $1; do
			[ ! -e "$path" ] || printf '%s\n' "$path"
		done
		;;
	esac
}

# Whether a mode sets no bit that the allowed one does not set.
within() {
	[ $(($1 & ~$2 & 0777)) -eq 0 ]
}

# Whether a list, separated by commas, has a member.
has() {
	case ",$1," in
	*",$2,"*) return 0 ;;
	esac
	return 1
}

among() {
	[ -n "$1" ] || return 1
	rest=$1,
	while [ -n "$rest" ]; do
		has "$2" "${rest%%,*}" || return 1
		rest=${rest#*,}
	done
}

say() {
	control=$1 result=$2 subject=$3 found=$4
	[ "$result" != fail ] || failed=1
	echo "$node $control $result $subject ${found:--}"
}

check_file() {
	control=$1 what=$2 allowed=$3 path=$4 result=fail
	# Of the rows that name a file, the first counts.
	case "$looked" in
	*"|$control $what $path|"*) return ;;
	esac
	looked="$looked|$control $what $path|"
	case "$what" in
	mode)
		# Empty for a file that has just been removed, which is no finding.
		found=$(stat -c %a -- "$path" 2>/dev/null) || return 0
		if within "0$found" "0$allowed"; then result=pass; fi
		;;
	owner)
		found=$(stat -c %U:%G -- "$path" 2>/dev/null) || return 0
		if has "$allowed" "$found"; then result=pass; fi
		;;
	esac
	say "$control" "$result" "$path" "$found"
}

# Components take an underscore in a name for a dash, and an argument without a value for a true one.
normalise() {
	awk '/^--/ {
		name = $0; sub(/=.*/, "", name)
		value = substr($0, length(name) + 1)
		gsub(/_/, "-", name)
		$0 = name (value == "" ? "=true" : value)
	} { print }'
}

# Sets `running` to the processes of a component, and `arguments` to their command lines, one argument a line behind the id
# of its process; both are empty when it does not run. A second process counts as much as the one that RKE2 started: what
# it allows, it allows. etcd has its settings in a file: a key of a section counts as the argument --section.key.
load() {
	[ "$1" != "$loaded" ] || return 0
	loaded=$1 running='' arguments=''
	# As the kernel shortens it.
	short=$(printf %.15s "$1")
	for process in /proc/[0-9]*; do
		name=
		{ read -r name <"$process/comm"; } 2>/dev/null
		[ "$name" = "$short" ] || continue
		line=$(tr '\0' '\n' <"$process/cmdline" | normalise)
		program=$(printf '%s\n' "$line" | head -n 1)
		# Empty for one that has just ended.
		[ "${program##*/}" = "$1" ] || continue
		file=$(printf '%s\n' "$line" | sed -n 's/^--config-file=//p')
		# As the process sees it, which may be in a container.
		file=$process/root$file
		if [ "$1" = etcd ] && [ -f "$file" ]; then
			line=$(settings "$file")
		fi
		running="$running ${process#/proc/}"
		arguments="$arguments
$(printf '%s\n' "$line" | sed "s/^/${process#/proc/} /")"
	done
}

# etcd's settings file as arguments.
settings() {
	awk '
		/^[^ #]/ { section = $1 }
		{ key = $1; value = $2; gsub(/"/, "", value) }
		/^[^ #]/ && NF > 1 { print "--" substr(key, 1, length(key) - 1) "=" value }
		/^ / { print "--" substr(section, 1, length(section) - 1) "." substr(key, 1, length(key) - 1) "=" value }
	' "$1"
}

# The values of an argument of a process, one a line.
values() {
	printf '%s\n' "$arguments" | sed -n "s/^$1 --$2=//p"
}

check_argument() {
	load "${4%%:*}"
	if [ -z "$running" ]; then
		say "$1" absent "$4" -
		return
	fi
	for process in $running; do
		check_process "$@"
	done
}

# Of the process whose id is in `process`.
check_process() {
	control=$1 what=$2 allowed=$3 argument=${4#*:} result=fail
	case "$what" in
	# Lists that are given more than once add up; of anything else the last one counts.
	has | lacks | among) found=$(values "$process" "$argument" | paste -sd, -) ;;
	*) found=$(values "$process" "$argument" | tail -n 1) ;;
	esac
	case "$what" in
	is) [ "$found" != "$allowed" ] || result=pass ;;
	not) [ "$found" = "$allowed" ] || result=pass ;;
	has) if has "$found" "$allowed"; then result=pass; fi ;;
	lacks) if ! has "$found" "$allowed"; then result=pass; fi ;;
	among) if among "$found" "$allowed"; then result=pass; fi ;;
	min) if [ "${found:-x}" -ge "$allowed" ] 2>/dev/null; then result=pass; fi ;;
	set) [ -z "$found" ] || result=pass ;;
	unset) [ -n "$found" ] || result=pass ;;
	without)
		case "$found" in
		*"$allowed"*) ;;
		*) result=pass ;;
		esac
		;;
	esac
	say "$control" "$result" "$4" "$found"
}

check_files() {
	control=$1 what=$2 allowed=$3 pattern=$4
	files=$(matching "$pattern")
	if [ -z "$files" ]; then
		say "$control" absent "$pattern" -
		return
	fi
	# Two lines of the list would be one file then, and neither exists.
	case "$pattern" in
	*/\*\*/*)
		if [ -n "$(find "${pattern%%/\*\**}" -name "*$newline*" 2>/dev/null)" ]; then
			say "$control" fail "$pattern" line-feed-in-a-name
		fi
		;;
	esac
	set -f
	IFS=$newline
	for file in $files; do
		unset IFS
		check_file "$control" "$what" "$allowed" "$file"
	done
	set +f
}

main() {
	role=${1:-}
	case "$role" in
	server | agent) ;;
	*) usage ;;
	esac
	# The last row may come without a line feed.
	while IFS="$(printf '\t')" read -r control for what allowed pattern || [ -n "$control" ]; do
		case "$control" in
		"" | "#"*) continue ;;
		esac
		rows=1
		[ "$for" = any ] || [ "$for" = "$role" ] || continue
		case "$what" in
		mode | owner) check_files "$control" "$what" "$allowed" "$pattern" ;;
		is | not | has | lacks | among | min | set | unset | without)
			check_argument "$control" "$what" "$allowed" "$pattern"
			;;
		*)
			echo "The table has the check $what for $control, which does not exist." >&2
			exit 2
			;;
		esac
	done
	if [ "$rows" = 0 ]; then
		echo "No table came in." >&2
		usage
	fi
	exit "$failed"
}

main "$@"
