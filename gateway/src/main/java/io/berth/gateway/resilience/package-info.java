/**
 * Circuit breaker and bulkhead of each backend.
 */
@NullMarked
package io.berth.gateway.resilience;

import org.jspecify.annotations.NullMarked;
