/**
 * nftables without the nft command: the ruleset's parts as values, batches of changes as pure functions over buffers
 * ({@link io.berth.linux.nftables.NftBatch}), and a socket that commits them ({@link io.berth.linux.nftables.NftSocket}).
 *
 * <p>Names and numbers are those of linux/netfilter/nf_tables.h; what a set's data types are called is nft's own matter
 * (nftables, include/datatype.h) and given so that {@code nft list ruleset} shows what Berth made.
 */
@NullMarked
package io.berth.linux.nftables;

import org.jspecify.annotations.NullMarked;
