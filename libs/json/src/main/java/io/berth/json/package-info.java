/**
 * What a JSON document may be, and how much memory all that are being read may take.
 */
@NullMarked
package io.berth.json;

import org.jspecify.annotations.NullMarked;
