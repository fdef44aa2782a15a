/**
 * The data plane: requests and responses pass between clients and backends without being held or re-encoded.
 */
@NullMarked
package io.berth.gateway.proxy;

import org.jspecify.annotations.NullMarked;
