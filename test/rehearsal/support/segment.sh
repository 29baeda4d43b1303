#!/bin/sh
# Runs a program in a network of its own, which ends with it. The network has one segment, 10.25.20.0/24, in which the program has
# the address 10.25.20.2 and a neighbour has the given addresses. Proxmox' address 10.16.207.61 is local. The caller ends the
# whole process group.
#
#   unshare --net sh segment.sh ADDRESSES PROGRAM...
#
# ADDRESSES  addresses of the neighbour, separated by commas; none when empty
set -eu
addresses=$1
shift
unshare --net sleep 600 &
neighbour=$!
while [ "$(readlink "/proc/$neighbour/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done

ip link set lo up
ip address add 10.16.207.61/32 dev lo
ip link add nodes type veth peer name nodes netns "$neighbour"
ip address add 10.25.20.2/24 dev nodes
ip link set nodes up
nsenter --net="/proc/$neighbour/ns/net" ip link set nodes up
for address in $(echo "$addresses" | tr ',' ' '); do
  nsenter --net="/proc/$neighbour/ns/net" ip address add "$address/24" dev nodes
done
"$@"
