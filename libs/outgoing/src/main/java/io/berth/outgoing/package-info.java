/**
 * What services fetch on behalf of others: which addresses it may reach ({@link io.berth.outgoing.Destinations}), and HTTP over
 * connections to the very addresses that were checked ({@link io.berth.outgoing.OutgoingClient}).
 */
@NullMarked
package io.berth.outgoing;

import org.jspecify.annotations.NullMarked;
