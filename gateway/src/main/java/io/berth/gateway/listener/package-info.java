/**
 * The sockets that clients connect to.
 */
@NullMarked
package io.berth.gateway.listener;

import org.jspecify.annotations.NullMarked;
