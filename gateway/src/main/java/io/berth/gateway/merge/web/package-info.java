/**
 * The requests that concern more than one node, as the data plane hands them to the internal listener.
 */
@NullMarked
package io.berth.gateway.merge.web;

import org.jspecify.annotations.NullMarked;
