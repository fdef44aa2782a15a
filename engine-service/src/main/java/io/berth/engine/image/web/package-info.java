/**
 * Images asked for over the node contract.
 */
@NullMarked
package io.berth.engine.image.web;

import org.jspecify.annotations.NullMarked;
