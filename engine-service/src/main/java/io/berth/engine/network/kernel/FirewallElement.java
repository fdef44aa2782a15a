package io.berth.engine.network.kernel;

import io.berth.linux.nftables.NftElement;

/** An element of one of the firewall's sets. */
record FirewallElement(FirewallSet set, NftElement element) {}
