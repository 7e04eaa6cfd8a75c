# A sweep in shards by GNU make, and one tar file that is there when all is done:
#
#   make -j 8 -f sweep.mk EXPERIMENT=01 SHARDS=8 OUT=results/01
#
# gives results/01.tar. Started again it runs what is missing; what a shard had finished is kept.
EXPERIMENT ?= 01
SHARDS ?= 4
OPTIONS ?=
OUT ?= results/sweep

parts := $(foreach shard,$(shell seq $(SHARDS)),$(OUT).shards/$(shard)-of-$(SHARDS))

$(OUT).tar: $(parts:%=%.done)
	stopgap merge $(parts) --out $(OUT) --archive $@

# Shards depend on an experiment file of one's own; the number of a shipped one is no file.
$(OUT).shards/%-of-$(SHARDS).done: $(wildcard $(EXPERIMENT))
	mkdir -p $(@D)
	stopgap sweep $(EXPERIMENT) $(OPTIONS) --jobs 1 --shard $*/$(SHARDS) --out $(@:.done=)
	touch $@
