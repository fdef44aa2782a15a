/**
 * The platform's front door: one listener for every Docker and registry client, one place for what all services share.
 */
@NullMarked
package io.berth.gateway;

import org.jspecify.annotations.NullMarked;
