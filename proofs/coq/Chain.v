(** Products of matrix layers: rescaling, and the bounds of Theorem 1 and Corollary 1.

    Proves, for every number of layers and all their shapes, over every ordered field:
    - [chain_scaled], [chain_rescaled]: rescaling layers by factors with product 1 keeps their
      product, and sends local minima of a loss of the product to local minima;
    - [cauchy_schwarz] for <X, Y> = tr(X^T Y);
    - [pair]: |W_(j:1) v|^2 |u^T W_(L:j+1)|^2 >= (u^T W_(L:1) v)^2;
    - [thm1_cor1]: every upper bound c of the Rayleigh quotient of the error map
      X |-> sum_j (W_(L:j+1) W_(L:j+1)^T) X (W_(j-1:1)^T W_(j-1:1)) obeys
      c >= sum_j p_(j-1)^2 q_(j+1)^2 and (c / L)^L >= (u^T W_(L:1) v)^(2(L-1)).

    Notation: see DefinitionsMatrix.v; here the layers are numbered from 0.
    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018,
    Theorem 1, Corollary 1. *)

Set Warnings "-notation-overridden,-ambiguous-paths".
From mathcomp Require Import all_ssreflect all_algebra.
From Symgd Require Import DefinitionsMatrix Lem12.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

Section Chain.

Variable R : realFieldType.

(** ** The inner product *)

Section Inner.

Variables m n : nat.
Implicit Types X Y Z : 'M[R]_(m, n).

Lemma innerE X Y : inner X Y = \sum_j \sum_i X i j * Y i j.
Proof.
rewrite /inner /mxtrace; apply: eq_bigr => j _; rewrite mxE.
by apply: eq_bigr => i _; rewrite mxE.
Qed.

Lemma innerC X Y : inner X Y = inner Y X.
Proof. by rewrite !innerE; apply: eq_bigr => j _; apply: eq_bigr => i _; rewrite mulrC. Qed.

Lemma innerDr X Y Z : inner X (Y + Z) = inner X Y + inner X Z.
Proof. by rewrite /inner mulmxDr mxtraceD. Qed.

Lemma innerZr t X Y : inner X (t *: Y) = t * inner X Y.
Proof. by rewrite /inner -scalemxAr mxtraceZ. Qed.

Lemma inner_ge0 X : 0 <= inner X X.
Proof.
by rewrite innerE; apply: sumr_ge0 => j _; apply: sumr_ge0 => i _; rewrite -expr2 sqr_ge0.
Qed.

Lemma inner_eq0 X : inner X X = 0 -> X = 0.
Proof.
rewrite innerE => /eqP; rewrite psumr_eq0 => [/allP H|j _]; last first.
  by apply: sumr_ge0 => i _; rewrite -expr2 sqr_ge0.
apply/matrixP=> i j; rewrite mxE; apply/eqP.
have := implyP (H j (mem_index_enum j)) isT.
rewrite psumr_eq0 => [/allP K|k _]; last by rewrite -expr2 sqr_ge0.
by have := implyP (K i (mem_index_enum i)) isT; rewrite -expr2 sqrf_eq0.
Qed.

Theorem cauchy_schwarz X Y : inner X Y ^+ 2 <= inner X X * inner Y Y.
Proof.
set a := inner Y Y; set b := inner X Y.
have a0 : 0 <= a by exact: inner_ge0.
case: (eqVneq a 0) => [az | an].
  have Y0 := inner_eq0 az; rewrite /b Y0 -(scale0r Y) innerZr mul0r expr0n /=.
  by rewrite mulr_ge0 // inner_ge0.
have ap : 0 < a by rewrite lt_def an.
have := inner_ge0 (a *: X + (- b) *: Y).
rewrite innerDr !innerZr ![inner (_ + _) _]innerC !innerDr !innerZr -/a -/b (innerC Y X) -/b.
have -> : a * (a * inner X X + - b * b) + - b * (a * b + - b * a) = a * (inner X X * a - b ^+ 2).
  rewrite [- b * a]mulNr (mulrC a b) subrr mulr0 addr0; congr (_ * _).
  by rewrite mulNr -expr2 mulrC.
by rewrite pmulr_rge0 // subr_ge0.
Qed.

End Inner.

Lemma norm2_inner n (x : 'cV[R]_n) : norm2 x = inner x x.
Proof. by rewrite /norm2 /inner tr11. Qed.

Lemma norm2_ge0 n (x : 'cV[R]_n) : 0 <= norm2 x.
Proof. by rewrite norm2_inner inner_ge0. Qed.

(** ** Rescaling *)

Variable p : nat -> nat.
Implicit Types W V : layers R p.

Theorem chain_scaled W (alpha : nat -> R) k :
  chain (fun i => alpha i *: W i) k = (\prod_(i < k) alpha i) *: chain W k.
Proof.
elim: k => [|k IH] /=; first by rewrite big_ord0 scale1r.
by rewrite IH big_ord_recr /= -scalemxAl -scalemxAr scalerA mulrC.
Qed.

Lemma least (a : nat -> R) L : (forall i, (i < L)%N -> 0 < a i) ->
  exists e, 0 < e /\ forall i, (i < L)%N -> e <= a i.
Proof.
elim: L => [|L IH] H; first by exists 1; rewrite ltr01.
have [|e [e0 He]] := IH; first by move=> i iL; apply: H; rewrite ltnS ltnW.
have aL := H L (ltnSn L).
case: (leP e (a L)) => C.
  by exists e; split=> // i; rewrite ltnS leq_eqVlt => /orP[/eqP-> | /He].
exists (a L); split=> // i; rewrite ltnS leq_eqVlt => /orP[/eqP-> // | /He].
by apply: le_trans; exact: ltW.
Qed.

Theorem chain_rescaled (loss : forall L, 'M[R]_(p L, p 0%N) -> R) L W (alpha : nat -> R) :
  \prod_(i < L) alpha i = 1 ->
  local_min (fun W => loss L (chain W L)) L W ->
  local_min (fun W => loss L (chain W L)) L (fun i => alpha i *: W i).
Proof.
move=> one [e [e0 min]].
have an i : (i < L)%N -> alpha i != 0.
  move=> iL; have : \prod_(i < L) alpha i != 0 by rewrite one oner_eq0.
  by move/prodf_neq0 => /(_ (Ordinal iL) isT).
have [|e' [e'0 least_e]] := @least (fun i => e * `|alpha i|) L.
  by move=> i iL; rewrite mulr_gt0 // normr_gt0 an.
exists e'; split=> // V near; rewrite chain_scaled one scale1r.
have one' : \prod_(i < L) (alpha i)^-1 = 1 by rewrite prodfV one invr1.
have -> : chain V L = chain (fun i => (alpha i)^-1 *: V i) L by rewrite chain_scaled one' scale1r.
apply: min => i iL a b; have ai := an i iL; have := near i iL a b; rewrite !mxE => near_i.
have -> : (alpha i)^-1 * V i a b - W i a b = (alpha i)^-1 * (V i a b - alpha i * W i a b).
  by rewrite mulrBr mulKf.
rewrite normrM normfV mulrC ltr_pdivr_mulr ?normr_gt0 //.
exact: lt_le_trans near_i (least_e i iL).
Qed.

(** ** Theorem 1 and Corollary 1 *)

Lemma telescope (a b : nat -> R) L : (0 < L)%N ->
  \prod_(i < L) a i.+1 * \prod_(i < L) b i = a L * b 0%N * \prod_(i < L.-1) (a i.+1 * b i.+1).
Proof.
case: L => // l _; rewrite big_ord_recr [\prod_(i < l.+1) b i]big_ord_recl big_split /=.
rewrite (mulrC _ (a l.+1)) mulrACA; congr (_ * (_ * _)).
Qed.

Section Bounds.

Variables (L : nat) (W : layers R p) (P : forall k, 'M[R]_(p L, p k)).
Hypothesis above : products_above W P.

Lemma whole k : (k <= L)%N -> P k *m chain W k = chain W L.
Proof.
have [PL PS] := above.
have H j : (j <= L)%N -> P (L - j)%N *m chain W (L - j)%N = chain W L.
  elim: j => [|j IH] jL; first by rewrite subn0 PL mul1mx.
  have lt : (L - j.+1 < L)%N by rewrite subnS prednK ?leq_subr // subn_gt0.
  rewrite PS // -mulmxA -IH; last exact: ltnW.
  have -> : (L - j = (L - j.+1).+1)%N by rewrite subnSK.
  by [].
by move=> kL; have := H (L - k)%N (leq_subr _ _); rewrite subKn.
Qed.

Variables (u : 'cV[R]_(p L)) (v : 'cV[R]_(p 0%N)).

(** u^T W_(L:1) v. *)
Definition gain : R := (u^T *m chain W L *m v) 0 0.

Theorem pair k : (k <= L)%N ->
  gain ^+ 2 <= norm2 ((P k)^T *m u) * norm2 (chain W k *m v).
Proof.
move=> kL; rewrite !norm2_inner; apply: le_trans (cauchy_schwarz _ _).
rewrite le_eqVlt; apply/orP; left; apply/eqP; congr (_ ^+ 2).
by rewrite /gain -(whole kL) /inner trmx_mul trmxK -tr11 !mulmxA.
Qed.

Theorem thm1_cor1 (c : R) : (0 < L)%N -> norm2 u = 1 -> norm2 v = 1 ->
  (forall X : 'M[R]_(p L, p 0%N),
     inner X (sandwich (fun i : 'I_L => P i.+1 *m (P i.+1)^T)
                       (fun i : 'I_L => (chain W i)^T *m chain W i) X) <= c * inner X X) ->
  \sum_(i < L) norm2 ((P i.+1)^T *m u) * norm2 (chain W i *m v) <= c /\
  (gain ^+ 2) ^+ L.-1 <= (c / L%:R) ^+ L.
Proof.
move=> L0 u1 v1 top.
have S := @lem2_thm1 R (p L) (p 0%N) L (fun i => p i.+1) (fun i => p i) (fun i => P i.+1)
  (fun i => chain W i) c u v top u1 v1.
split=> //; set E := fun i : 'I_L => norm2 ((P i.+1)^T *m u) * norm2 (chain W i *m v).
have E0 i : 0 <= E i by rewrite mulr_ge0 // norm2_ge0.
have [G _] := @leif_AGM _ _ predT E (fun i _ => E0 i).
have card : #|(predT : pred 'I_L)| = L by rewrite cardT size_enum_ord.
rewrite card in G.
have low : (gain ^+ 2) ^+ L.-1 <= \prod_(i in predT) E i.
  have -> : \prod_(i in predT) E i = \prod_(i < L) E i by apply: eq_bigl.
  rewrite /E big_split /=.
  have PL : norm2 ((P L)^T *m u) = 1 by have [-> _] := above; rewrite trmx1 mul1mx.
  have Q0 : norm2 (chain W 0 *m v) = 1 by rewrite /= mul1mx.
  have -> : \prod_(i < L) norm2 ((P i.+1)^T *m u) * \prod_(i < L) norm2 (chain W i *m v)
          = \prod_(i < L.-1) (norm2 ((P i.+1)^T *m u) * norm2 (chain W i.+1 *m v)).
    rewrite (@telescope (fun i => norm2 ((P i)^T *m u)) (fun i => norm2 (chain W i *m v)) L L0).
    by rewrite PL Q0 !mul1r.
  have -> : (gain ^+ 2) ^+ L.-1 = \prod_(i < L.-1) gain ^+ 2.
    by rewrite prodr_const cardT size_enum_ord.
  apply: ler_prod => i _; rewrite sqr_ge0 /=; apply: pair.
  by apply: leq_trans (ltn_ord i) _; rewrite leq_pred.
apply: le_trans low (le_trans G _).
have eqS : \sum_(i in predT) E i = \sum_(i < L) E i by apply: eq_bigl.
apply: ler_expn2r; rewrite ?nnegrE.
- by rewrite divr_ge0 ?ler0n // sumr_ge0.
- by apply: divr_ge0; [apply: le_trans S; apply: sumr_ge0 => i _; exact: E0 | rewrite ler0n].
- by rewrite ler_pmul2r ?invr_gt0 ?ltr0n // eqS; exact: S.
Qed.

End Bounds.
End Chain.
