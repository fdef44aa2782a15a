/**
 * The nodes behind the gateway: which there are, whether they answer, what runs on them, and where the next container goes.
 */
@NullMarked
package io.berth.gateway.node;

import org.jspecify.annotations.NullMarked;
