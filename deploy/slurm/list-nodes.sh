#!/bin/sh
# Prints the nodes of Slurm that have chips for Prometheus's file_sd_configs, one group a partition. For cron:
#   list-nodes.sh tenstorrent > /etc/prometheus/nodes.new && mv /etc/prometheus/nodes.new /etc/prometheus/tenstorrent-nodes.yml
# The argument is what a node's generic resources (GRES) or features have to contain.
set -eu

wanted=${1:-tenstorrent}
# Partition, name, GRES, features: a line for each node in each partition.
sinfo --noheader --Node --format='%R %n %G %f' | sort -u | awk -v wanted="$wanted" '
  index($3 " " $4, wanted) == 0 { next }
  $1 != partition {
    if (partition != "") printf "  labels:\n    partition: %s\n", partition
    partition = $1
    print "- targets:"
  }
  { printf "    - %s:10072\n", $2 }
  END {
    if (partition != "") printf "  labels:\n    partition: %s\n", partition
    else print "[]"
  }
'
