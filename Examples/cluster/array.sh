#!/bin/bash
# Seeds 0 to 7 of an experiment, each as a separate task:  sbatch Examples/cluster/array.sh FOLDER
# Run it again to repeat lost tasks: seeds that FOLDER already has are skipped.
#SBATCH --job-name=padash-seeds
#SBATCH --array=0-7
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --output=%x-%A-%a.log

export PADASH_THREADS=$SLURM_CPUS_PER_TASK
exec padash run "${PADASH_SCRIPT:-Examples/cluster/seeds.pada}" "$1" "$SLURM_ARRAY_TASK_ID"
