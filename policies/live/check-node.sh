#!/bin/sh
# Compares the files of a running node with files.tsv, as root on the node:
#
#     check-node.sh server|agent < files.tsv
#
# Prints one line per control and file, "<control> <pass|fail|absent> <path> <what was found>", and ends with 1 when one
# of them fails. Needs nothing but a POSIX shell and GNU stat.
set -u

role=${1:-}
case "$role" in
server | agent) ;;
*)
	echo "Usage: check-node.sh server|agent < files.tsv" >&2
	exit 2
	;;
esac

failed=0

# Whether a mode sets no bit that the allowed one does not set.
within() {
	[ $(($1 & ~$2 & 0777)) -eq 0 ]
}

check() {
	control=$1 what=$2 allowed=$3 path=$4
	case "$what" in
	mode)
		found=$(stat -c %a -- "$path")
		if within "0$found" "0$allowed"; then result=pass; else result=fail; fi
		;;
	owner)
		found=$(stat -c %U:%G -- "$path")
		if [ "$found" = "$allowed" ]; then result=pass; else result=fail; fi
		;;
	*)
		echo "files.tsv: $control compares $what, which is neither mode nor owner." >&2
		exit 2
		;;
	esac
	[ "$result" = pass ] || failed=1
	echo "$control $result $path $found"
}

while IFS="$(printf '\t')" read -r control for what allowed pattern; do
	case "$control" in
	"" | "#"*) continue ;;
	esac
	[ "$for" = any ] || [ "$for" = "$role" ] || continue
	absent=1
	# The pattern of the table is meant to expand.
	for path in $pattern; do
		[ -e "$path" ] || continue
		absent=0
		check "$control" "$what" "$allowed" "$path"
	done
	[ "$absent" = 0 ] || echo "$control absent $pattern -"
done

exit "$failed"
