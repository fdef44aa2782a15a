/**
 * Event loops and channel kinds: native epoll where it loads, NIO elsewhere.
 */
@NullMarked
package io.berth.gateway.transport;

import org.jspecify.annotations.NullMarked;
