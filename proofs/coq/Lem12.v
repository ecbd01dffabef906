(** Lemmas 1 and 2: traces of products, and the operator X |-> sum_i A_i X B_i.

    Proves, over every ordered field with decidable order (so no spectral theorem is used):
    - Lemma 1: tr(A B) >= 0 for symmetric positive semidefinite A, B;
    - Lemma 2: f(X) = sum_i A_i X B_i is symmetric and positive semidefinite for
      <X, Y> = tr(X^T Y) if all A_i, B_i are; its Rayleigh quotient at X = u v^T is
      sum_i (u^T A_i u)(v^T B_i v) / (|u|^2 |v|^2), so every upper bound c of the quotient,
      lambda_max(f) among them, is at least that.  The bound needs no hypothesis on A_i, B_i;
    - the case A_i = P_i P_i^T, B_i = Q_i^T Q_i that Theorem 1 uses.

    Notation: see DefinitionsMatrix.v; [e i] is the i-th unit column.
    Proof of Lemma 1: subtract (A e_i)(A e_i)^T / A_ii from A.  What is left is psd with one
    more zero on the diagonal; when the diagonal is 0 so is A.

    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018,
    Lemmas 1 and 2. *)

Set Warnings "-notation-overridden,-ambiguous-paths".
From mathcomp Require Import all_ssreflect all_algebra.
From Symgd Require Import DefinitionsMatrix.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory Order.Theory.
Local Open Scope ring_scope.

Section Matrices.

Variable R : realFieldType.

Lemma tr11 (A : 'M[R]_1) : \tr A = A 0 0.
Proof. by rewrite /mxtrace big_ord_recl big_ord0 addr0. Qed.

(** ** Bilinear forms *)

Section Square.

Variable n : nat.
Implicit Types (A B : 'M[R]_n) (x y c : 'cV[R]_n).

Definition bil A x y : R := (x^T *m A *m y) 0 0.
Definition e (i : 'I_n) : 'cV[R]_n := delta_mx i 0.

Lemma bil_sym A x y : symmetric A -> bil A x y = bil A y x.
Proof.
move=> sA; rewrite /bil -[in LHS](trmxK (x^T *m A *m y)) mxE.
by rewrite !trmx_mul trmxK sA mulmxA.
Qed.

Lemma form_bil A x : form A x = bil A x x. Proof. by []. Qed.

Lemma bilDl A x y z : bil A (x + y) z = bil A x z + bil A y z.
Proof. by rewrite /bil [(x + y)^T]linearD !mulmxDl mxE. Qed.

Lemma bilDr A x y z : bil A x (y + z) = bil A x y + bil A x z.
Proof. by rewrite /bil mulmxDr mxE. Qed.

Lemma bilZl A t x y : bil A (t *: x) y = t * bil A x y.
Proof. by rewrite /bil [(t *: x)^T]linearZ /= -!scalemxAl mxE. Qed.

Lemma bilZr A t x y : bil A x (t *: y) = t * bil A x y.
Proof. by rewrite /bil -scalemxAr mxE. Qed.

Lemma formD A x y t : symmetric A ->
  form A (x + t *: y) = form A x + 2%:R * t * bil A x y + t ^+ 2 * form A y.
Proof.
move=> sA; rewrite !form_bil bilDl !bilDr !bilZl !bilZr (bil_sym y x) //.
by rewrite -mulrA mulr_natl mulr2n expr2 !addrA mulrA.
Qed.

Lemma bil_e A i x : bil A (e i) x = (A *m x) i 0.
Proof. by rewrite /bil /e trmx_delta -rowE -row_mul mxE. Qed.

Lemma form_e A i : form A (e i) = A i i.
Proof. by rewrite form_bil bil_e /e -colE mxE. Qed.

Lemma trace_rank1 B c : \tr (c *m c^T *m B) = form B c.
Proof. by rewrite -mulmxA mxtrace_mulC tr11. Qed.

Lemma form_rank1 c x : form (c *m c^T) x = (c^T *m x) 0 0 ^+ 2.
Proof.
rewrite /form mulmxA -mulmxA [x^T *m c]mx11_scalar mul_scalar_mx mxE expr2; congr (_ * _).
by rewrite -[in LHS](trmxK (x^T *m c)) trmx_mul trmxK mxE.
Qed.

Lemma formB A B x : form (A - B) x = form A x - form B x.
Proof. by rewrite /form mulmxBr mulmxBl !mxE. Qed.

Lemma formZ t A x : form (t *: A) x = t * form A x.
Proof. by rewrite /form -scalemxAr -scalemxAl mxE. Qed.

(** ** Lemma 1 *)

Lemma psd_diag A i : psd A -> 0 <= A i i.
Proof. by case=> _ pA; rewrite -form_e. Qed.

Lemma psd_diag0 A : psd A -> (forall i, A i i = 0) -> A = 0.
Proof.
move=> [sA pA] d0; apply/matrixP=> i j; rewrite [RHS]mxE; apply/eqP.
have E : bil A (e i) (e j) = A i j by rewrite bil_e /e -colE mxE.
have := pA (e i + (- A i j) *: e j).
rewrite formD // E !form_e !d0 mulr0 addr0 add0r mulrN mulNr -mulrA oppr_ge0 pmulr_rle0 ?ltr0n //.
by rewrite -expr2 exprn_even_le0.
Qed.

(** The Schur complement of the entry A i i. *)
Definition schur A i : 'M[R]_n := A - (A i i)^-1 *: (col i A *m (col i A)^T).

Lemma schur_form A i x : form (schur A i) x = form A x - (A i i)^-1 * bil A x (e i) ^+ 2.
Proof.
rewrite /schur formB formZ form_rank1; congr (_ - _ * _ ^+ 2).
rewrite /bil /e -mulmxA -colE -[in LHS](trmxK ((col i A)^T *m x)) mxE.
by rewrite trmx_mul trmxK.
Qed.

Lemma schur_psd A i : psd A -> 0 < A i i -> psd (schur A i).
Proof.
move=> [sA pA] a0; split.
  rewrite /symmetric /schur linearB linearZ /= trmx_mul trmxK; congr (_ - _); exact: sA.
move=> x; rewrite schur_form; set b := bil _ _ _.
have := pA (x + (- (A i i)^-1 * b) *: e i).
rewrite formD // -/b form_e; set a := A i i in a0 *.
have -> : form A x + 2%:R * (- a^-1 * b) * b + (- a^-1 * b) ^+ 2 * a
        = form A x - a^-1 * b ^+ 2; last by [].
have a1 : a^-1 * a = 1 by rewrite mulVf // gt_eqF.
rewrite exprMn sqrrN; have -> : a^-1 ^+ 2 * b ^+ 2 * a = a^-1 * b ^+ 2.
  by rewrite mulrAC expr2 -(mulrA a^-1) a1 mulr1.
rewrite mulrA -(mulrA _ b b) -expr2 mulrN mulr_natl mulr2n mulNr mulrDl opprD.
by rewrite -addrA addrNK.
Qed.

Lemma schur_diag A i j : psd A -> 0 < A i i ->
  (A j j == 0) || (j == i) -> schur A i j j = 0.
Proof.
move=> pA a0 H; apply/eqP; rewrite eq_le (psd_diag j (schur_psd pA a0)) andbT.
rewrite -form_e schur_form form_e.
case/orP: H => [/eqP -> | /eqP ->].
  by rewrite sub0r oppr_le0 mulr_ge0 ?invr_ge0 ?(ltW a0) ?sqr_ge0.
rewrite -form_bil form_e expr2 mulrA mulVf ?mul1r ?subrr //.
by rewrite gt_eqF.
Qed.

Theorem lem1_trace A B : psd A -> psd B -> 0 <= \tr (A *m B).
Proof.
move=> + pB; move: {2}#|_|.+1 (ltnSn #|[pred i | A i i != 0]|) => k.
elim: k A => // k IH A leA pA.
case: (pickP [pred i | A i i != 0]) => [i /= ai | d0]; last first.
  by rewrite (psd_diag0 pA) ?mul0mx ?mxtrace0 // => i; apply/eqP; have := d0 i => /= /negbFE.
have a0 : 0 < A i i by rewrite lt_def ai psd_diag.
have -> : A = schur A i + (A i i)^-1 *: (col i A *m (col i A)^T) by rewrite /schur subrK.
rewrite mulmxDl mxtraceD -scalemxAl mxtraceZ trace_rank1 addr_ge0 //; last first.
  by rewrite mulr_ge0 ?invr_ge0 ?(ltW a0) //; case: pB.
apply: IH; last exact: schur_psd.
rewrite -ltnS; apply: leq_trans leA; rewrite ltnS; apply: proper_card.
apply/properP; split; last by exists i; rewrite !inE // (schur_diag pA a0) ?eqxx ?orbT.
apply/subsetP=> j; rewrite !inE; apply: contra => aj.
by rewrite (schur_diag pA a0) ?aj.
Qed.

Lemma norm2_gt0 x : x != 0 -> 0 < norm2 x.
Proof.
move=> x0; have sq i : 0 <= x i 0 ^+ 2 by rewrite exprn_even_ge0.
have E : norm2 x = \sum_i x i 0 ^+ 2.
  by rewrite /norm2 mxE; apply: eq_bigr => i _; rewrite mxE expr2.
rewrite E lt_def sumr_ge0 // andbT; apply: contra x0; rewrite psumr_eq0 // => /allP z.
apply/eqP/matrixP=> i j; rewrite (ord1 j) mxE; apply/eqP.
by rewrite -(sqrf_eq0 (x i 0)); apply: (implyP (z i _)) => //; rewrite mem_index_enum.
Qed.

End Square.

(** ** Lemma 2 *)

Section Sandwich.

Variables (m n r : nat) (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n).
Implicit Types X Y : 'M[R]_(m, n).

Lemma inner_sandwich X Y :
  inner X (sandwich A B Y) = \sum_i \tr (X^T *m A i *m Y *m B i).
Proof.
rewrite /inner /sandwich mulmx_sumr raddf_sum /=.
by apply: eq_bigr => i _; rewrite !mulmxA.
Qed.

Theorem lem2_symmetric X Y : (forall i, symmetric (A i)) -> (forall i, symmetric (B i)) ->
  inner X (sandwich A B Y) = inner (sandwich A B X) Y.
Proof.
move=> sA sB; rewrite inner_sandwich /inner /sandwich raddf_sum /= mulmx_suml raddf_sum /=.
apply: eq_bigr => i _; rewrite !trmx_mul (sA i) (sB i).
by rewrite mxtrace_mulC !mulmxA.
Qed.

Theorem lem2_psd X : (forall i, psd (A i)) -> (forall i, psd (B i)) ->
  0 <= inner X (sandwich A B X).
Proof.
move=> pA pB; rewrite inner_sandwich; apply: sumr_ge0 => i _; apply: lem1_trace => //.
have [sA qA] := pA i; split; first by rewrite /symmetric !trmx_mul trmxK sA mulmxA.
by move=> x; have := qA (X *m x); rewrite /form trmx_mul !mulmxA.
Qed.

Lemma inner_rank1 (u : 'cV[R]_m) (v : 'cV[R]_n) :
  inner (u *m v^T) (u *m v^T) = norm2 u * norm2 v.
Proof.
rewrite /inner trmx_mul trmxK !mulmxA -(mulmxA v) [u^T *m u]mx11_scalar mul_mx_scalar.
by rewrite -scalemxAl mxtraceZ mxtrace_mulC tr11.
Qed.

(** The Rayleigh quotient of f at u v^T. *)
Theorem lem2_rayleigh (u : 'cV[R]_m) (v : 'cV[R]_n) :
  inner (u *m v^T) (sandwich A B (u *m v^T)) = \sum_i form (A i) u * form (B i) v.
Proof.
rewrite inner_sandwich; apply: eq_bigr => i _.
have -> : (u *m v^T)^T *m A i *m (u *m v^T) = form (A i) u *: (v *m v^T).
  rewrite trmx_mul trmxK -!mulmxA (mulmxA u^T) (mulmxA (u^T *m _)).
  by rewrite [u^T *m A i *m u]mx11_scalar mul_scalar_mx -scalemxAr.
by rewrite -scalemxAl mxtraceZ trace_rank1.
Qed.

Theorem lem2_bound (c : R) (u : 'cV[R]_m) (v : 'cV[R]_n) :
  (forall X, inner X (sandwich A B X) <= c * inner X X) -> u != 0 -> v != 0 ->
  (\sum_i form (A i) u * form (B i) v) / (norm2 u * norm2 v) <= c.
Proof.
move=> H u0 v0; have := H (u *m v^T); rewrite lem2_rayleigh inner_rank1.
by rewrite ler_pdivr_mulr // mulr_gt0 // norm2_gt0.
Qed.

End Sandwich.

(** The case of Theorem 1: A_i = P_i P_i^T, B_i = Q_i^T Q_i, unit vectors u, v. *)
Theorem lem2_thm1 (m n r : nat) (p q : 'I_r -> nat)
    (P : forall i, 'M[R]_(m, p i)) (Q : forall i, 'M[R]_(q i, n))
    (c : R) (u : 'cV[R]_m) (v : 'cV[R]_n) :
  (forall X, inner X (sandwich (fun i => P i *m (P i)^T) (fun i => (Q i)^T *m Q i) X)
             <= c * inner X X) ->
  norm2 u = 1 -> norm2 v = 1 ->
  \sum_i norm2 ((P i)^T *m u) * norm2 (Q i *m v) <= c.
Proof.
have nz k (x : 'cV[R]_k) : norm2 x = 1 -> x != 0.
  by apply: contra_eq_neq => ->; rewrite /norm2 mulmx0 mxE eq_sym oner_eq0.
move=> H u1 v1; have := lem2_bound H (nz _ _ u1) (nz _ _ v1).
rewrite u1 v1 mulr1 divr1; apply: le_trans; rewrite le_eqVlt; apply/orP; left; apply/eqP.
by apply: eq_bigr => i _; rewrite /norm2 /form !trmx_mul trmxK !mulmxA.
Qed.

End Matrices.
