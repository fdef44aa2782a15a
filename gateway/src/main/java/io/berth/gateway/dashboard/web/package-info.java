/**
 * The gateway's own pages and JSON, served on its internal listener.
 */
@NullMarked
package io.berth.gateway.dashboard.web;

import org.jspecify.annotations.NullMarked;
