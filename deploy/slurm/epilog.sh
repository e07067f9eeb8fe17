#!/bin/sh
# Epilog= of slurm.conf: looks whether the job has left its chips clean, and drains the node where bytes of a process are
# left that is gone. Where it cannot be known, or the job's processes still hold a chip, it says so and drains nothing.
folder=/run/tenstorrent-jobs
baseline=$folder/$SLURM_JOB_ID.json
set -- --clean --wait=15s
# An empty one is of a prolog that could read nothing.
if [ -s "$baseline" ]; then set -- "$@" --baseline="$baseline"; fi
report=$(timeout 40 tenstorrent-exporter check "$@" 2>&1)
code=$?
rm -f "$baseline"
case $code in
  0) ;;
  4)
    logger --tag tenstorrent-epilog "job $SLURM_JOB_ID left memory behind: $report"
    scontrol update NodeName="$SLURMD_NODENAME" State=DRAIN Reason="tenstorrent: memory left by job $SLURM_JOB_ID"
    ;;
  *) logger --tag tenstorrent-epilog "job $SLURM_JOB_ID: chips not known to be clean ($code): $report" ;;
esac
exit 0
