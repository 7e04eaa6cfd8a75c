// A sweep in shards by Nextflow (DSL2), and one tar file:
//
//   nextflow run sweep.nf --experiment 01 --shards 8 --name thirty-megabytes
//
// gives results/thirty-megabytes.tar. Where shards run is said by `process.executor` in nextflow.config, as for any pipeline.
params.experiment = '01'
params.shards = 4
params.options = ''
params.name = 'sweep'
params.outdir = 'results'

// Processes run in directories of their own, so that a file of one's own is named by its full path.
def experiment() {
  def word = "${params.experiment}"
  word ==~ /[0-9]+/ ? word : file(word).toAbsolutePath()
}

process SHARD {
  input:
  val shard

  output:
  path "${shard}-of-${params.shards}"

  script:
  """
  stopgap sweep ${experiment()} ${params.options} --jobs 1 --shard ${shard}/${params.shards} --out ${shard}-of-${params.shards}
  """
}

process ARCHIVE {
  publishDir params.outdir, mode: 'copy'

  input:
  path shards

  output:
  path "${params.name}.tar"

  script:
  """
  stopgap merge ${shards} --out ${params.name} --archive ${params.name}.tar
  """
}

workflow {
  ARCHIVE(SHARD(Channel.of(1..params.shards)).collect())
}
