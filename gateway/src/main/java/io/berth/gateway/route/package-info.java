/**
 * Which service a request belongs to: canonical paths and the table that maps them to backends.
 */
@NullMarked
package io.berth.gateway.route;

import org.jspecify.annotations.NullMarked;
