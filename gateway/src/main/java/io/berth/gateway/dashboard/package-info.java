/**
 * What the dashboard shows.
 */
@NullMarked
package io.berth.gateway.dashboard;

import org.jspecify.annotations.NullMarked;
