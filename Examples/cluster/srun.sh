#!/bin/bash
# One script, run by eight processes together:  sbatch Examples/cluster/srun.sh SCRIPT [ARGUMENTS]
#SBATCH --job-name=padash
#SBATCH --ntasks=8
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --output=%x-%j.log

export PADASH_THREADS=$SLURM_CPUS_PER_TASK

# How to start MPI: 'srun --mpi=list' lists the choices; pmix is for Open MPI, pmi2 for MPICH. A process that dies ends the others.
exec srun --mpi="${PADASH_PMI:-pmix}" --kill-on-bad-exit=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" padash run "$@"
