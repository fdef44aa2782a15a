/**
 * Bodies of administrative requests, read strictly and with a limit.
 */
@NullMarked
package io.berth.registry.body;

import org.jspecify.annotations.NullMarked;
