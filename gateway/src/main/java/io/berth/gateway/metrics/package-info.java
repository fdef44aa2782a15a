/**
 * What can be measured: the gateway's own traffic, and one page of it, of all services' and of all containers' metrics.
 */
@NullMarked
package io.berth.gateway.metrics;

import org.jspecify.annotations.NullMarked;
